"""Whatever is handed in gets its verdict, harms nobody and leaves nothing behind."""

import os
from pathlib import Path

import pytest
from hostile import ANSWERS
from papers import NEIGHBOURS, VICTIM, paper, write

from asynclab.grading.limits import Limits

LIMITS = Limits(wall=10.0, cpu=3, memory=256)


@pytest.fixture(scope="module")
def world(tmp_path_factory, grade, confined):
    """All hostile answers in one batch, with a good submission between any two."""
    folder = tmp_path_factory.mktemp("submissions")
    for number, (name, (answer, _)) in enumerate(ANSWERS.items()):
        write(paper({VICTIM: answer}), folder, f"{name.replace('/', '-')}")
        write(paper(), folder, f"good{number:03}")
    before = surroundings()
    records = grade(folder, tmp_path_factory.mktemp("output"), tier=confined, limits=LIMITS)
    return records, before, surroundings()


def surroundings():
    """What could be left behind: processes of ours, open files, temporary files, sockets."""
    return {
        "processes": sorted(descendants(os.getpid())),
        "files": sorted(kind_of_file(path) for path in Path("/proc/self/fd").iterdir()),
        "temporary": Path("/tmp/huge").exists(),
    }


def descendants(parent):
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == parent:
                found += [int(entry.name), *descendants(int(entry.name))]
    return found


def kind_of_file(path):
    try:
        return str(path.readlink()).partition(":")[0]
    except FileNotFoundError:  # the folder itself, while it was read
        return ""


@pytest.mark.parametrize("name", ANSWERS)
def test_verdict(world, name):
    records, _, _ = world
    record = records[name.replace("/", "-"), VICTIM]
    assert (record.verdict, record.points) == (ANSWERS[name][1], float(ANSWERS[name][1] == "ok")), (
        record.message
    )
    others = {n: records[name.replace("/", "-"), n].verdict for n in NEIGHBOURS}
    whole = record.verdict == "tampered"  # whoever forges evidence has forged all of it
    assert others == dict.fromkeys(NEIGHBOURS, "tampered" if whole else "ok")


def test_the_rest_of_the_batch_is_right(world):
    records, _, _ = world
    good = [r for (learner, _), r in records.items() if learner.startswith("good")]
    assert len(good) == len(ANSWERS) * (len(NEIGHBOURS) + 1)
    assert {r.verdict for r in good} == {"ok"}


def test_nothing_is_left_behind(world):
    _, before, after = world
    assert after == before
