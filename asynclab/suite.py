"""The test suite as a list of stages: one list for `course.py test`, `asynclab test` and CI."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

__all__ = ["STAGES", "Counts", "Stage", "run_suite"]

ROOT = Path(__file__).resolve().parent.parent
REPEAT = "python3 course.py test --only"
NBVAL = ("pytest", "--nbval-current-env")
PARALLEL = ("-n", "auto", "--dist", "loadfile")


@dataclass(frozen=True)
class Stage:
    """One command of the suite.

    Attributes:
        name: what `--only` calls it.
        says: the headline while it runs.
        command: a Python module and its arguments.
        folders: what the command is given besides; the stage is passed over if none of them exists.
        clock: the value of ASYNCLAB_CLOCK, empty for none.
        whole: arguments for the whole stage, left out when somebody narrows it down.
    """

    name: str
    says: str
    command: tuple[str, ...]
    folders: tuple[str, ...] = ()
    clock: str = ""
    whole: tuple[str, ...] = ()

    @property
    def counts_tests(self) -> bool:
        """Whether it is a run of pytest, which reports how many tests passed."""
        return self.command[0] == "pytest"

    def present(self, root: Path) -> list[str]:
        """The folders of the stage that exist."""
        return [folder for folder in self.folders if (root / folder).exists()]


STAGES = (
    Stage("lint", "Rules of the code", ("ruff", "check", ".")),
    Stage("format", "Layout of the code", ("ruff", "format", "--check", ".")),
    Stage("built", "Notebooks are what content/ says", ("asynclab", "build", "--check")),
    # Apart from each other: Playwright keeps a loop running in the process that it tests from.
    Stage(
        "tests",
        "Tests of the package",
        ("pytest",),
        ("tests",),
        whole=(*PARALLEL, "--ignore=tests/browser"),
    ),
    Stage("browser", "Tests in a browser", ("pytest",), ("tests/browser",), whole=PARALLEL),
    Stage(
        "notebooks",
        "Every stored output, exactly, on the virtual clock",
        (*NBVAL, "--nbval", "--nbval-sanitize-with=asynclab/build/nbval.cfg"),
        ("notebooks", "solutions"),
        clock="virtual",
        whole=PARALLEL,
    ),
    Stage(
        "real-clock",
        "The notebooks on the real clock, errors only",
        (*NBVAL, "--nbval-lax"),
        ("notebooks",),
        clock="real",
        whole=PARALLEL,
    ),
)


@dataclass
class Counts:
    """How many tests ended how."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add_report(self, report: Path) -> None:
        """Add the totals of a JUnit XML file; a report that was never written is one failure."""
        if not report.exists():
            self.failed += 1
            return
        suites = ET.parse(report).getroot().iter("testsuite")  # noqa: S314 - pytest has just written it
        for suite in suites:
            total, *rest = (
                int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")
            )
            self.failed += rest[0] + rest[1]
            self.skipped += rest[2]
            self.passed += total - sum(rest)

    def __str__(self) -> str:
        """The closing line, in the form that continuous integration looks for."""
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def run_suite(only: str = "", arguments: Sequence[str] = (), root: Path = ROOT) -> bool:
    """Run the stages one after the other, all of them whatever fails, and print the totals last.

    Args:
        only: the name of the one stage to run; empty runs all.
        arguments: for pytest. They narrow a run down, so without `only` they choose `tests`.
        root: the folder of the course.

    Returns:
        True if every stage passed.

    Raises:
        ValueError: there is no stage of this name.
    """
    only = only or ("tests" if arguments else "")
    chosen = [stage for stage in STAGES if only in ("", stage.name)]
    if not chosen:
        known = ", ".join(stage.name for stage in STAGES)
        raise ValueError(f"there is no stage {only!r}: choose one of {known}")
    counts = Counts()
    failed = [stage for stage in chosen if not _passes(stage, arguments, root, counts)]
    _say("")
    for stage in failed:
        _say(f"Failed: {stage.name}. To repeat only this: {REPEAT} {stage.name}")
    _say(str(counts))
    return not failed


def _passes(stage: Stage, arguments: Sequence[str], root: Path, counts: Counts) -> bool:
    folders = stage.present(root)
    if stage.folders and not folders:
        _say(f"\n== {stage.name}: nothing in {', '.join(stage.folders)} yet")
        return True
    given = _narrowed(folders, arguments, root) if stage.counts_tests else []
    command = [*stage.command, *([] if arguments else stage.whole), *given]
    _say(f"\n== {stage.name}: {stage.says}\n   python -m {shlex.join(command)}")
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        if stage.counts_tests:
            command.append(f"--junit-xml={report}")
        code = subprocess.run(
            [sys.executable, "-m", *command], cwd=root, env=_variables(stage, folder), check=False
        ).returncode
        if stage.counts_tests:
            counts.add_report(report)
    _say(f"   {'passed' if code == 0 else 'failed'} in {time.perf_counter() - start:.0f} s")
    return code == 0


def _narrowed(folders: Sequence[str], arguments: Sequence[str], root: Path) -> list[str]:
    """Arguments for pytest: a file or a test that is named takes the place of the folders."""
    named = any((root / argument.partition("::")[0]).exists() for argument in arguments)
    return [*arguments, *([] if named else folders)]


def _variables(stage: Stage, home: str) -> dict[str, str]:
    """The environment of a stage; nobody's own progress is touched by a test."""
    rest = {name: value for name, value in os.environ.items() if name != "ASYNCLAB_CLOCK"}
    rest["ASYNCLAB_HOME"] = home
    return {**rest, "ASYNCLAB_CLOCK": stage.clock} if stage.clock else rest


def _say(text: str) -> None:
    print(text, flush=True)  # at once: the output of the stages goes to the same place
