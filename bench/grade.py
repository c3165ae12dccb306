"""What grading costs: the same submissions, the same checks, four ways, in one run.

    python bench/grade.py [--submissions 200] [--slow 200]

floor      fork, execute the cells, check, collect: no sandbox, no evidence, nothing kept
asynclab   `asynclab grade` with the best sandbox of this machine
nbgrader   `nbgrader autograde`, whose test cells call the same checks
nbval      `pytest --nbval-lax` on the same notebooks

nbgrader is installed into an environment of its own, below the temporary folder.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from asynclab.checking import exercises
from asynclab.checking.engine import PASSED, examine
from asynclab.checking.texts import texts
from asynclab.grading import engine, sandbox
from asynclab.grading.course import Assignment, assignments
from asynclab.grading.limits import Limits
from asynclab.grading.papers import paper, write_paper
from asynclab.grading.store import Store
from asynclab.grading.submissions import find

ROOT = Path(__file__).resolve().parent.parent
STEM = "01_sequential_vs_concurrent"
GOALS = {"nbgrader": 50.0, "floor": 2.0}


@dataclass
class Cost:
    """Of all submissions of one way."""

    name: str
    submissions: int
    cpu: float  # seconds
    wall: float  # seconds
    memory: float  # MiB at the peak of the largest process

    @property
    def cpu_each(self) -> float:
        """CPU seconds of one submission."""
        return self.cpu / self.submissions


def measured(name: str, submissions: int, job: Callable[[], Any]) -> Cost:
    """Run the job and count what it and its children use."""
    gc.collect()
    before, start = used(), time.perf_counter()
    job()
    wall = time.perf_counter() - start
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Cost(name, submissions, used() - before, wall, largest)


def used() -> float:
    """CPU seconds of this process and of its children that have ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


# -- the ways ------------------------------------------------------------------------------


def floor(assignment: Assignment, notebooks: list[Path]) -> None:
    """Fork, execute, check, collect."""
    for path in notebooks:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writer, json.dumps(checked(assignment, path)).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as file:
            verdicts = json.loads(file.read())
        os.waitpid(child, 0)
        assert set(verdicts.values()) == {PASSED}, verdicts


def checked(assignment: Assignment, path: Path) -> dict[str, str]:
    """The verdicts on one notebook, on the workloads that are seen and on others."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if not cell["id"].startswith("check-"):
            exec(compile(cell["source"], cell["id"], "exec"), names)
    programs = {n: eval(p, names) for n, p in assignment.programs.items()}
    return {
        name: examine(exercises()[name], names[name], seed=seed, of=programs.get(name)).state
        for name in assignment.starters
        for seed in (0, 1)
    }


def graded(course: dict[str, Assignment], folder: Path) -> None:
    """As the command does it, one job."""
    store = Store(folder.parent / "results.sqlite")
    with engine.local_executor(1) as executor:
        grading = engine.Grading(course, Limits(), sandbox.probe())
        engine.grade(find(folder, course), grading, store, executor)
    engine.close_children()
    assert set(store.counts()) == {"ok"}, store.counts()
    store.close()


def with_asserts(assignment: Assignment) -> dict[str, Any]:
    """The notebook with the course's checks as test cells, as nbgrader wants them marked."""
    notebook = paper(assignment, {n: texts()[n].solution for n in assignment.starters})
    for cell in notebook["cells"]:
        kind, _, name = cell["id"].partition("-")
        is_check = kind == "check"
        cell["metadata"]["nbgrader"] = {
            "grade": is_check,
            "grade_id": cell["id"],
            "locked": is_check,
            "schema_version": 3,
            "solution": kind == "answer",
            "task": False,
            **({"points": 1} if is_check else {}),
        }
        if is_check:
            call = assignment.checks[name]
            both = [call, call.removesuffix(")") + ", seed=1)"]
            cell["source"] = "\n".join(f"assert {each}.passed" for each in both)
    return notebook


def nbgrader_course(folder: Path, assignment: Assignment, count: int) -> Path:
    """A course folder with its submissions, and the environment to grade it."""
    console.print("Installing nbgrader into an environment of its own")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "-q", "nbgrader", "nbval", str(ROOT)]
    subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
    course = folder / "course"
    text = json.dumps(with_asserts(assignment))
    source = course / "source" / STEM
    source.mkdir(parents=True)
    (source / f"{STEM}.ipynb").write_text(text)
    (course / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.root = '.'\n")
    tool(course, python, "generate_assignment", STEM)
    for number in range(count):
        target = course / "submitted" / f"learner{number:04}" / STEM
        target.mkdir(parents=True)
        (target / f"{STEM}.ipynb").write_text(text)
    return course


def tool(course: Path, python: Path, verb: str, *arguments: str) -> None:
    """Run nbgrader; all of it has to succeed."""
    command = [str(python), "-m", "nbgrader", verb, *arguments]
    tools = f"{python.parent}{os.pathsep}{os.environ['PATH']}"  # it calls alembic by its name
    done = subprocess.run(
        command,
        cwd=course,
        env=os.environ | {"PATH": tools},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def nbval(python: Path, notebooks: list[Path]) -> None:
    """Execute each notebook; a cell that raises fails."""
    options = ["-q", "--nbval-lax", "--nbval-current-env", "-p", "no:cacheprovider"]
    command = [str(python), "-m", "pytest", *options, *map(str, notebooks)]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


# -- the table -----------------------------------------------------------------------------


def show(costs: list[Cost]) -> None:
    """One line for each way, with what it costs against asynclab."""
    ours = next(cost for cost in costs if cost.name == "asynclab")
    tier = sandbox.probe()
    table = Table(title=f"One submission of {STEM}, sandbox tier {tier}, one job")
    columns = ("", "submissions", "CPU s each", "wall s each", "peak MiB", "CPU of asynclab")
    for column in columns:
        table.add_column(column, justify="right" if column else "left")
    for cost in costs:
        each = (f"{cost.cpu_each:.4f}", f"{cost.wall / cost.submissions:.4f}", f"{cost.memory:.0f}")
        ratio = f"x {cost.cpu_each / ours.cpu_each:.2f}"
        table.add_row(cost.name, str(cost.submissions), *each, ratio)
    console.print(table)
    by_name = {cost.name: cost.cpu_each for cost in costs}
    console.print(f"asynclab / floor: {ours.cpu_each / by_name['floor']:.2f} (goal: at most 2)")
    if "nbgrader" in by_name:
        console.print(f"nbgrader / asynclab: {by_name['nbgrader'] / ours.cpu_each:.0f} (goal: 50)")


def main() -> None:
    """Run all ways and show the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--slow", type=int, default=200, help="for nbgrader and nbval; 0: neither")
    wanted = parser.parse_args()
    course = {STEM: assignments(ROOT)[STEM]}
    assignment = course[STEM]
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        (folder / "in").mkdir()
        right = {exercise: texts()[exercise].solution for exercise in assignment.starters}
        notebooks = [
            write_paper(paper(assignment, right), folder / "in", f"learner{n:04}", STEM)
            for n in range(wanted.submissions)
        ]
        count = wanted.submissions
        checked(assignment, notebooks[0])  # everything is loaded before anything is measured
        costs = [
            measured("floor", count, lambda: floor(assignment, notebooks)),
            measured("asynclab", count, lambda: graded(course, folder / "in")),
        ]
        if wanted.slow:
            nbgrader = nbgrader_course(folder, assignment, wanted.slow)
            python = folder / "venv" / "bin" / "python"
            autograde = ("autograde", STEM, "--force")
            costs.append(
                measured("nbgrader", wanted.slow, lambda: tool(nbgrader, python, *autograde))
            )
            handed_in = sorted((nbgrader / "submitted").rglob("*.ipynb"))
            costs.append(measured("nbval", wanted.slow, lambda: nbval(python, handed_in)))
        show(costs)


console = Console()

if __name__ == "__main__":
    sys.exit(main())
