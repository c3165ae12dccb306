"""Two worker processes of Dask grade together; one of them is killed."""

import os
import signal
import subprocess
import sys

import pytest
from papers import NEIGHBOURS, RIGHT, ROOT, VICTIM, paper, write

from asynclab.grading import engine
from asynclab.grading.cluster import ClusterError, dask_executor
from asynclab.grading.course import assignments
from asynclab.grading.limits import Limits
from asynclab.grading.store import Store
from asynclab.grading.submissions import find

distributed = pytest.importorskip("distributed", reason="pip install 'asynclab[dask]'")
pytestmark = pytest.mark.filterwarnings("ignore")  # of Dask's own clean-up

ENV = {**os.environ, "PYTHONPATH": str(ROOT)}
WRONG = "async def member_desk(client, number): return []"


@pytest.fixture
def scheduler():
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    process = subprocess.Popen(
        [*command, *options], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=ENV
    )
    for line in process.stderr:
        if "Scheduler at:" in line:
            yield line.split()[-1]
            break
    process.kill()
    process.wait()
    process.stderr.close()


@pytest.fixture
def workers(scheduler):
    command = [sys.executable, "-m", "distributed.cli.dask_worker", scheduler]
    options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--death-timeout", "20"]
    made = [
        subprocess.Popen([*command, *options], stderr=subprocess.DEVNULL, env=ENV) for _ in range(2)
    ]
    yield made
    for process in made:
        process.kill()
        process.wait()


def test_a_worker_that_is_killed_loses_nothing(tmp_path, confined, scheduler, workers):
    answers = {f"learner{number:02}": number % 2 == 0 for number in range(16)}
    for learner, is_right in answers.items():
        write(paper({VICTIM: RIGHT if is_right else WRONG}), tmp_path, learner)
    store = Store(tmp_path / "output" / "results.sqlite")
    course = assignments(ROOT)
    done = []

    def kill_one(count):
        done.append(count)
        if sum(done) >= 3 and workers[0].poll() is None:
            workers[0].send_signal(signal.SIGKILL)
            workers[0].wait()

    with dask_executor(scheduler) as executor:
        grading = engine.Grading(course, Limits(), confined, window=6)
        engine.grade(find(tmp_path, course), grading, store, executor, kill_one)
    records = list(store.records())
    store.close()
    assert workers[0].returncode == -signal.SIGKILL
    assert len(records) == len(answers) * (1 + len(NEIGHBOURS))
    found = {r.learner: r.verdict == "ok" for r in records if r.exercise == VICTIM}
    assert found == answers
    assert sum(done) == len(answers)


def test_no_scheduler_is_said_in_a_sentence(monkeypatch):
    monkeypatch.setattr("asynclab.grading.cluster.CONNECT", 0.3)
    with (
        pytest.raises(ClusterError, match="no Dask scheduler answers at"),
        dask_executor("tcp://127.0.0.1:9"),
    ):
        pass
