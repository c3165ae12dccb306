"""Runs: tiers, faults, what is kept and what is graded again."""

import io
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from papers import NEIGHBOURS, RIGHT, ROOT, STEM, VICTIM, paper, write
from rich.console import Console

from asynclab.checking.texts import texts
from asynclab.grading import command, engine, sandbox
from asynclab.grading.course import assignments
from asynclab.grading.limits import Limits
from asynclab.grading.store import Store, StoreError
from asynclab.grading.submissions import find

WRONG = "async def member_desk(client, number): return []"


# -- tiers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("tier", ["B", "C"])
def test_verdicts_do_not_depend_on_the_tier(tmp_path, grade, confined, tier):
    write(paper(), tmp_path, "good")
    write(paper({VICTIM: WRONG}), tmp_path, "wrong")
    write(paper({VICTIM: "import os\nos._exit(0)"}), tmp_path, "crash")
    write(paper({VICTIM: "while True: pass"}), tmp_path, "endless")
    limits = Limits(wall=4.0)
    records = grade(tmp_path, tmp_path / "output", tier=tier, limits=limits)
    found = {
        learner: record.verdict for (learner, name), record in records.items() if name == VICTIM
    }
    assert found == {"good": "ok", "wrong": "wrong", "crash": "crashed", "endless": "timeout"}
    others = {record.verdict for (_, name), record in records.items() if name != VICTIM}
    assert others == {"ok"}
    assert {record.tier for record in records.values()} == {tier}


def test_tier_b_has_no_network_and_says_who_needs_one(tmp_path, grade, confined):
    server = f"import socket\nsocket.create_server(('127.0.0.1', 0))\n{RIGHT}"
    write(paper({VICTIM: server}), tmp_path, "server")
    records = grade(tmp_path, tmp_path / "output", tier="B")
    assert records["server", VICTIM].verdict == "needs_tier_a"


@pytest.mark.parametrize("tier", ["A", "B"])
def test_tiers_forbid_files_and_processes(tmp_path, grade, confined, tier):
    if tier == "A" and confined != "A":
        pytest.skip("no namespaces on this machine")
    write(paper({VICTIM: "open('/etc/passwd')"}), tmp_path, "file")
    write(paper({VICTIM: "import os\nos.fork()"}), tmp_path, "process")
    records = grade(tmp_path, tmp_path / "output", tier=tier)
    assert {records[who, VICTIM].verdict for who in ("file", "process")} == {"forbidden"}


def wish(folder, **more):
    return command.Wish(folder, folder / "output", ROOT, **more)


def console():
    return Console(file=io.StringIO(), width=200)


def test_tier_c_is_refused_without_consent(tmp_path):
    write(paper(), tmp_path, "ana")
    with pytest.raises(command.GradeError, match="--allow-unsandboxed"):
        command.run(wish(tmp_path, tier="C"), console())


def test_what_one_answer_has_used_up_no_other_lacks(tmp_path, grade, confined):
    other = NEIGHBOURS[-1]
    greedy = "x = bytearray(150 << 20)\n"
    write(paper({VICTIM: greedy + RIGHT, other: greedy + texts()[other].solution}), tmp_path, "ana")
    limits = Limits(memory=256)
    verdicts = {r.verdict for r in grade(tmp_path, tmp_path / "out", limits=limits).values()}
    assert verdicts == {"ok"}


# -- the command ---------------------------------------------------------------------------


def test_a_second_run_needs_resume(tmp_path):
    write(paper(), tmp_path, "ana")
    assert command.run(wish(tmp_path), console()) == {"ok": 1 + len(NEIGHBOURS)}
    with pytest.raises(command.GradeError, match="add --resume"):
        command.run(wish(tmp_path), console())
    assert command.run(wish(tmp_path, resume=True), console()) == {"ok": 1 + len(NEIGHBOURS)}


def test_a_file_gets_lines_about_the_progress(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "SAY_EVERY", 0)
    write(paper({VICTIM: RIGHT}), tmp_path, "ana")
    said = console()
    command.run(wish(tmp_path), said)
    assert re.search(r"^1 of 1, [0-9.]+/s", said.file.getvalue(), re.MULTILINE)


def test_an_unknown_exercise_is_told_the_known_ones(tmp_path):
    with pytest.raises(command.GradeError, match=VICTIM):
        command.run(wish(tmp_path, exercise="nothing"), console())


def test_one_exercise_alone(tmp_path):
    write(paper(), tmp_path, "ana")
    assert command.run(wish(tmp_path, exercise=VICTIM), console()) == {"ok": 1}


def test_too_much_computing_is_a_timeout(tmp_path, confined):
    write(paper({VICTIM: "while True: pass"}), tmp_path, "ana")
    limits = Limits(wall=90.0, cpu=1)
    assert command.run(wish(tmp_path, exercise=VICTIM, limits=limits), console()) == {"timeout": 1}
    message = json.loads((tmp_path / "output" / "results.json").read_text())[0]["message"]
    assert "computed for longer" in message


def test_no_answer_steers_the_terminal(tmp_path):
    answer = "async def member_desk(client, number): raise ValueError('\\x1b[2J\\x9b1m')"
    path = write(paper({VICTIM: answer}), tmp_path, "ana")
    said = console()
    command.run(command.Wish(path, None, ROOT), said)
    assert "ValueError: \ufffd[2J\ufffd1m" in said.file.getvalue()
    assert not {"\x1b", "\x9b"} & set(said.file.getvalue())


def test_an_empty_folder_says_so(tmp_path):
    with pytest.raises(command.GradeError, match="holds no notebook"):
        command.run(wish(tmp_path), console())


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(tmp_path):
    submissions = tmp_path / "in"
    submissions.mkdir()
    write(paper({VICTIM: "while True: pass"}), submissions, "endless")
    process = start(submissions, tmp_path / "out", stdout=subprocess.PIPE)
    wait_for_child(process)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert f"kept in {tmp_path / 'out'}. To go on: the same command, with --resume" in said.decode()


# -- faults --------------------------------------------------------------------------------


def test_a_fault_of_the_grader_is_no_zero_and_is_graded_again(tmp_path, grade, monkeypatch):
    write(paper(), tmp_path, "ana")

    def fail(*_):
        raise RuntimeError("the disk is on fire")

    with monkeypatch.context() as patch:
        patch.setattr(engine, "examine", fail)
        records = grade(tmp_path, tmp_path / "output")
    assert {record.verdict for record in records.values()} == {"grader_error"}
    assert "the disk is on fire" in records["ana", VICTIM].message
    store = Store(tmp_path / "output" / "results.sqlite")
    store.forget_faults()
    store.close()
    assert grade(tmp_path, tmp_path / "output")["ana", VICTIM].verdict == "ok"


def test_a_zygote_that_is_killed_is_replaced(tmp_path, grade, confined):
    for number in range(30):
        write(paper(), tmp_path, f"learner{number:02}")
    killed = []

    def kill_one():
        while not killed:
            zygotes = [c._zygote.pid for c in list(engine._all) if hasattr(c, "_zygote")]
            if zygotes:
                killed.append(zygotes[0])
                os.kill(zygotes[0], signal.SIGKILL)

    threading.Thread(target=kill_one).start()
    verdicts = {record.verdict for record in grade(tmp_path, tmp_path / "output").values()}
    assert killed
    assert verdicts <= {"ok", "grader_error"}
    store = Store(tmp_path / "output" / "results.sqlite")
    store.forget_faults()
    store.close()
    again = grade(tmp_path, tmp_path / "output")
    assert {record.verdict for record in again.values()} == {"ok"}


def test_a_file_that_is_no_database_says_to_choose_another_folder(tmp_path):
    (tmp_path / "results.sqlite").write_text("no database at all, but long enough to be looked at")
    with pytest.raises(StoreError, match=r"results\.sqlite cannot be used"):
        Store(tmp_path / "results.sqlite")


# -- what is graded again ------------------------------------------------------------------


def graded_again(tmp_path, grade, monkeypatch):
    """The learners that a second run grades."""
    seen = []
    original = engine.examine

    def spy(data, assignment, records, *rest):
        seen.extend(record.learner for record in records.values())
        return original(data, assignment, records, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(engine, "examine", spy)
        grade(tmp_path, tmp_path / "output")
    return set(seen)


def test_only_what_changed_is_graded_again(tmp_path, grade, monkeypatch):
    for learner in ("ana", "ben"):
        write(paper(), tmp_path, learner)
    assert graded_again(tmp_path, grade, monkeypatch) == {"ana", "ben"}
    assert graded_again(tmp_path, grade, monkeypatch) == set()
    write(paper({VICTIM: WRONG}), tmp_path, "ben")
    assert graded_again(tmp_path, grade, monkeypatch) == {"ben"}
    record = grade(tmp_path, tmp_path / "output")["ben", VICTIM]
    assert (record.verdict, record.notes) == ("wrong", []), "in the place of the one before"


def test_another_version_of_the_course_grades_everything_again(tmp_path):
    one = assignments(ROOT)[STEM]
    other = replace(one, version="other")
    key = {
        engine._blank(submission(tmp_path), VICTIM, "digest", each, grading()).key
        for each in (one, other)
    }
    assert len(key) == 2


def submission(folder):
    write(paper(), folder, "ana")
    return next(find(folder, [STEM]))


def grading():
    return engine.Grading(assignments(ROOT), Limits(), sandbox.probe())


# -- kill -9 -------------------------------------------------------------------------------


def start(submissions, output, *more, **streams):
    arguments = [str(submissions), "--output", str(output), *more]
    return subprocess.Popen(
        [sys.executable, "-m", "asynclab", "grade", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
        **{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | streams,
    )


def wait_for_child(process):
    """Until a submission is under way."""
    while running(process):
        if any(map(descend, descend(process.pid))):
            return


def running(process):
    """Whether it still runs a moment later."""
    try:
        process.wait(0.02)
    except subprocess.TimeoutExpired:
        return True
    return False


def descend(parent):
    found = []
    for task in Path(f"/proc/{parent}/task").glob("*/children"):
        try:
            found += [int(pid) for pid in task.read_text().split()]
        except OSError:
            continue
    return found


@pytest.mark.parametrize("moment", range(int(os.environ.get("ASYNCLAB_KILLS", "3"))))
def test_killed_at_any_moment_it_loses_nothing_and_repeats_nothing(tmp_path, confined, moment):
    submissions, output = tmp_path / "in", tmp_path / "out"
    submissions.mkdir()
    answers = {}
    for number in range(20):
        answers[f"learner{number:02}"] = number % 3 == 0
        write(
            paper({VICTIM: RIGHT if number % 3 == 0 else WRONG}), submissions, f"learner{number:02}"
        )
    process = start(submissions, output)
    wait_for_child(process)
    wanted = random.Random(moment).randrange(0, 100)
    while kept(output) < wanted and running(process):
        pass
    family = [process.pid, *descend(process.pid)]
    process.kill()
    process.wait()
    before = rows(output)
    assert start(submissions, output, "--resume").wait(120) == 0
    after = rows(output)
    assert len(after) == 20 * (1 + len(NEIGHBOURS))
    assert before.items() <= after.items(), "a result that was kept is never graded again"
    records = json.loads((output / "results.json").read_text())
    found = {r["learner"]: r["verdict"] == "ok" for r in records if r["exercise"] == VICTIM}
    assert found == answers
    assert not [pid for pid in family[1:] if Path(f"/proc/{pid}").exists() and not is_dead(pid)]


def is_dead(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def rows(output):
    if not (output / "results.sqlite").exists():
        return {}
    with sqlite3.connect(output / "results.sqlite") as db:
        found = dict(db.execute("SELECT key, record FROM results").fetchall())
    db.close()
    return found


def kept(output):
    try:
        return len(rows(output))
    except sqlite3.Error:  # it is being made
        return 0
