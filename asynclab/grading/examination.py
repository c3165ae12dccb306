"""Examination: one submission, from its file to its records. The grader's side of the talk."""

from __future__ import annotations

import re
import time
from dataclasses import asdict, dataclass
from typing import Any

from asynclab.checking import MISCONCEPTIONS, Case, Diagnosis, Exercise
from asynclab.checking.desk import exercises
from asynclab.checking.engine import a_line_too_many, judge
from asynclab.runner import Run

from . import evidence
from .attempts import NETWORK
from .channel import Channel, Closed, TooLate, TooLong
from .children import Children
from .course import Assignment
from .ending import Ended
from .evidence import Forged
from .ledger import Ledger
from .limits import MIB, Limits
from .record import Record
from .workloads import SEED_SHOWN, workloads

__all__ = ["Rules", "examine"]

_OF_THE_CALLS = (evidence.Began, evidence.Reply, evidence.Cancelled, evidence.Settled)
ATTEMPTS = 100  # that are kept of one process
PICTURE = 500_000  # characters of a trace of which a picture is drawn: some 1500 tasks
_SHARED = ("limit_memory", "limit_output")
_MISSING = re.compile(r"NameError: name '(\w+)' is not defined")
_OTHER_CELL = "another cell, and only answer cells are graded: move it into the answer cell"
_OUT_OF_MEMORY = ("MemoryError", "Cannot allocate memory")
_HIDDEN = {"title": "", "failing": [], "flaky": [], "called_off": [], "answers": {}}


@dataclass(frozen=True, slots=True)
class Rules:
    """What all examinations of one run share.

    Attributes:
        limits: for each submission.
        seed: of the hidden workloads; it never enters a sandbox.
    """

    limits: Limits
    seed: str


def examine(
    data: bytes,
    assignment: Assignment,
    records: dict[str, Record],
    children: Children,
    rules: Rules,
) -> None:
    """Decide the records of one submission.

    If its process ends early, the answer that ran at that moment gets the verdict, and the others
    are graded without it. What all answers of a process share, one of them may have used up: then
    an answer that lacks it is graded alone.

    Args:
        data: the notebook.
        assignment: the course's copy.
        records: what is to be decided, by exercise.
        children: where it runs.
        rules: limits and seed.
    """
    left, skipped, names = dict(records), set[str](), set(assignment.starters)
    sitting = _Sitting(data, assignment, children, rules)
    while left:
        talk = _Talk(sitting, left, skipped)
        culprit = talk.run()
        if culprit is None:
            return
        others = names - {culprit}
        if others - skipped and culprit in left and left[culprit].verdict in _SHARED:
            _Talk(sitting, {culprit: left[culprit]}, others).run()  # was it the others' doing?
        left = {name: record for name, record in left.items() if name not in talk.decided}
        skipped.add(culprit)


@dataclass(frozen=True, slots=True)
class _Sitting:
    """What stays the same, however many processes one submission needs."""

    data: bytes
    assignment: Assignment
    children: Children
    rules: Rules


class _Talk:
    """One process, and what is said with it."""

    def __init__(self, sitting: _Sitting, records: dict[str, Record], skipped: set[str]) -> None:
        self._data, self._assignment = sitting.data, sitting.assignment
        self._children, self._rules = sitting.children, sitting.rules
        self._records, self._skipped = records, skipped
        self.decided: set[str] = set()
        self._running = ""
        self._attempts: list[tuple[str, str]] = []  # exercise, what
        self._read = evidence.Read()

    def run(self) -> str | None:
        """Decide as many records as this process lives for; the culprit if it ended early."""
        limits = self._rules.limits
        connection = self._children.start(len(self._records))
        self._channel = Channel(connection, limits.line * MIB, limits.messages)
        verdict, message, kill = "", "", True
        try:
            self._all()
            kill = False
        except Closed:
            verdict, message = self._last_words()
            kill = False
        except (TooLate, TooLong, Forged, _Unfit) as error:
            verdict, message = self._reason(error)
        finally:
            self._channel.close()
            ended = self._children.finish(kill=kill)
        self._note_usage(ended)
        undecided = [name for name in self._records if name not in self.decided]
        if not undecided:
            return None
        if not verdict:
            verdict, message = ended.verdict(limits)
        for name in undecided if verdict == "tampered" else self._blamed(undecided):
            self._decide(name, verdict, message)
        return self._running

    def _reason(self, error: Exception) -> tuple[str, str]:
        """Verdict and sentence for a process that is not listened to any more."""
        match error:
            case TooLate():
                return "timeout", f"it ran for longer than {self._rules.limits.wall:g} seconds"
            case TooLong():
                return "limit_output", f"it told the grader more than it may: {error}"
            case Forged():
                return "tampered", f"what it told the grader cannot be true: {error}"
        return error.args

    def _blamed(self, undecided: list[str]) -> list[str]:
        """Who pays for an early end: whoever ran, and everybody if that cannot be told."""
        if self._running in undecided:
            return [self._running]
        can_be_skipped = self._running and self._running not in self._skipped
        return [] if can_be_skipped else undecided

    def _last_words(self) -> tuple[str, str]:
        """What it still had to say when it ended."""
        try:
            while True:
                self._next()
        except _Unfit as unfit:
            return unfit.args
        except (Closed, TooLate, TooLong, Forged):
            return "", ""

    # -- the course of the talk ------------------------------------------------------------

    def _all(self) -> None:
        self._grant_time()
        self._send_job()
        self._read = self._expect(evidence.Read)
        if self._read.problem:
            for name in self._records:
                self._decide(name, "malformed", self._read.problem)
            return
        ran = self._expect(evidence.Ran)
        for name, record in self._records.items():
            record.notes += [*self._read.notes, *ran.notes]
            record.tampered = [t for t in self._read.tampered if t.startswith(f"check-{name} ")]
            began = time.perf_counter()
            self._exercise(name)
            record.wall = round(time.perf_counter() - began, 6)
            if record.verdict in _SHARED:
                raise _Unfit(record.verdict, record.message)
        self._channel.send({"ask": "end"})

    def _send_job(self) -> None:
        job = {
            "size": len(self._data),
            "starters": self._assignment.starters,
            "checks": self._assignment.checks,
            "steps": self._assignment.steps,
            "skip": sorted(self._skipped),
        }
        self._channel.send(job)
        self._channel.send_exactly(self._data)

    def _exercise(self, name: str) -> None:
        self._running = name
        self._grant_time()
        if name not in self._read.answered:
            self._decide(name, "not_attempted", "there is no answer cell for it")
            return
        self._channel.send({"ask": "open", "exercise": name})
        opened = self._expect(evidence.Ready, evidence.Judged)
        if isinstance(opened, evidence.Judged):
            self._take(name, opened)
        else:
            self._play_all(exercises()[name], every_line=opened.every_line)

    def _take(self, name: str, judged: evidence.Judged) -> None:
        """A verdict that can only be against the learner may come from the sandbox."""
        if judged.state == "wrong":
            parts = {part: judged.diagnosis.get(part, "") for part in ("key", "did", "expected")}
            if parts["key"] not in MISCONCEPTIONS:
                raise Forged(f"no misconception is called {parts['key']!r}")
            self._wrong(name, Diagnosis(**parts), "")
        else:
            self._decide(name, judged.state, judged.note)

    def _play_all(self, exercise: Exercise, *, every_line: bool) -> None:
        for seed, is_shown in ((SEED_SHOWN, True), (self._rules.seed, False)):
            for number, (case, program_run) in enumerate(
                workloads(self._assignment, exercise.name, seed)
            ):
                diagnosis, trace = self._play(
                    exercise, case, program_run, f"{exercise.name} {seed}"
                )
                if diagnosis is None:
                    continue
                if every_line:
                    diagnosis = a_line_too_many(diagnosis)
                if is_shown:
                    self._wrong(exercise.name, diagnosis, case.title)
                    self._records[exercise.name].trace = trace
                    self._records[exercise.name].case = number
                else:
                    self._wrong_unseen(exercise.name, diagnosis)
                return
        self._decide(exercise.name, "ok", "right on the workloads that you can see and on others")

    def _play(
        self, exercise: Exercise, case: Case, program_run: Run | None, seed: str
    ) -> tuple[Diagnosis | None, str]:
        ledger, more = Ledger(case, seed), [Ledger(case, f"{seed} again")]
        known = asdict(case) | _HIDDEN
        self._channel.send({"ask": "play", "exercise": exercise.name, "case": known})
        while not isinstance(message := self._next(), evidence.Seen):
            if isinstance(message, evidence.Again) and more:
                ledger = more.pop()
            elif not isinstance(message, _OF_THE_CALLS):
                raise Forged(f"{message.kind} while a workload was played")
            elif (given := ledger.note(message)) is not None:
                self._channel.send(given | {"number": message.number})
        diagnosis = judge(exercise, ledger.sight(message), program_run)
        trace = "" if diagnosis is None else message.model_dump_json(include={"trace"})
        return diagnosis, trace if len(trace) < PICTURE else ""

    # -- messages --------------------------------------------------------------------------

    def _grant_time(self) -> None:
        self._channel.deadline = time.monotonic() + self._rules.limits.wall

    def _next(self) -> evidence.Message:
        """The next message that is part of the talk."""
        while True:
            message = evidence.parse(self._channel.receive())
            if isinstance(message, evidence.Fault):
                if message.what.startswith("MemoryError"):
                    raise _Unfit("limit_memory", message.what)
                what = f"the grader failed inside the sandbox: {message.what}"
                raise _Unfit("grader_error", what)
            if isinstance(message, evidence.Attempted):
                if len(self._attempts) < ATTEMPTS:
                    self._attempts.append((self._running, message.what))
            elif isinstance(message, evidence.Playing):
                self._begin_cell(message.exercise)
            else:
                return message

    def _begin_cell(self, name: str) -> None:
        if name not in self._assignment.starters:
            raise Forged(f"no exercise is called {name!r}")
        self._running = name

    def _expect(self, *kinds: type) -> Any:
        message = self._next()
        if not isinstance(message, kinds):
            raise Forged(f"{message.kind} instead of {kinds[0].__name__.lower()}")
        return message

    # -- verdicts --------------------------------------------------------------------------

    def _decide(self, name: str, verdict: str, message: str) -> None:
        record = self._records[name]
        tried = [what for exercise, what in self._attempts if exercise == name]
        lacks_network = NETWORK in tried and self._children.tier == "B"
        tried = [what for what in tried if what != NETWORK]
        if lacks_network and verdict in ("wrong", "error"):
            record.decide("needs_tier_a", f"it tried to {NETWORK}; without one: {message}")
        elif tried and verdict not in ("tampered", "grader_error", "malformed"):
            record.decide("forbidden", f"it tried to {tried[0]}")
            record.notes.append(f"without that: {verdict}, {message}")
        elif any(sign in message for sign in _OUT_OF_MEMORY):
            record.decide("limit_memory", f"it asked for more than it may have: {message}")
        elif "File too large" in message:
            record.decide("limit_output", f"it printed more than it may: {message}")
        else:
            record.decide(verdict, message)
        missing = _MISSING.search(message)
        if missing and missing[1] in self._read.elsewhere:
            record.notes.append(f"{missing[1]} is defined in {_OTHER_CELL}")
        self.decided.add(name)

    def _wrong(self, name: str, found: Diagnosis, case: str) -> None:
        record = self._records[name]
        record.misconception = found.key
        record.diagnosis = asdict(found) | {"case": case}
        self._decide(name, "wrong", f"it is expected that {found.expected}, but {found.did}")

    def _wrong_unseen(self, name: str, found: Diagnosis) -> None:
        """The reason and not the numbers: they would give the workload away."""
        self._records[name].misconception = found.key
        reason = MISCONCEPTIONS[found.key].name
        message = f"right on the workloads that you can see, wrong on others; likely: {reason}"
        self._decide(name, "wrong", message)

    def _note_usage(self, ended: Ended) -> None:
        for record in self._records.values():
            record.cpu = round(record.cpu + ended.cpu, 6)
            record.memory = max(record.memory, ended.memory)
            if ended.printed:
                record.notes.append(f"the cells printed {ended.printed} bytes")


class _Unfit(Exception):
    """The process lives, and other answers need another one: verdict and sentence for this one.

    What took all the memory may still hold it; or the grader's own code failed in the sandbox.
    """
