"""Record: the canonical result of one exercise of one submission. Every report is made of these."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

__all__ = ["VERDICTS", "Record"]

VERDICTS = {
    "ok": "right on every workload",
    "wrong": "it runs, and does not do what the contract says",
    "not_attempted": "the starter, or nothing at all",
    "error": "the answer cell failed, so there is nothing to check",
    "timeout": "it ran longer than it may",
    "crashed": "it ended its process",
    "limit_memory": "it used more memory than it may",
    "limit_output": "it printed, or told the grader, more than it may",
    "forbidden": "it tried what the sandbox forbids",
    "malformed": "the file is no notebook that can be read",
    "tampered": "what it told the grader cannot be true",
    "needs_tier_a": "it needs a network of its own, which this machine cannot give",
    "grader_error": "the grader failed: grade it again, this is no zero",
}


@dataclass(slots=True)
class Record:
    """One result.

    Attributes:
        key: of the submission, exercise and course version.
        learner: whose it is.
        file: where it was found.
        stem: the exercise notebook.
        exercise: the exercise.
        verdict: one of ``VERDICTS``.
        points: that it earns, of 1.
        message: one sentence for the learner.
        notes: further sentences, which cost nothing.
        tampered: check cells that are not the course's, which costs nothing either.
        diagnosis: key, did, expected, look and case, if there is one that the learner may see.
        misconception: the key of the likely reason, also where the workload is hidden.
        trace: the learner's run on a workload that they can see, as JSON; empty if there is none.
        case: the number of that workload.
        cpu: seconds of processor time of the whole submission.
        wall: seconds that this exercise took.
        memory: MiB at the peak of the whole submission.
        tier: of the sandbox.
        version: of the course.
        handed_in: seconds since the epoch.
        outside_id: the number of the learner in their learning platform.
    """

    key: str
    learner: str
    file: str
    stem: str
    exercise: str
    verdict: str = "grader_error"
    points: float = 0.0
    message: str = ""
    notes: list[str] = field(default_factory=list)
    tampered: list[str] = field(default_factory=list)
    diagnosis: dict[str, str] | None = None
    misconception: str = ""
    trace: str = ""
    case: int = 0
    cpu: float = 0.0
    wall: float = 0.0
    memory: int = 0
    tier: str = ""
    version: str = ""
    handed_in: float = 0.0
    outside_id: str = ""

    def decide(self, verdict: str, message: str) -> None:
        """Settle the verdict; only ``ok`` earns points."""
        self.verdict, self.message = verdict, message
        self.points = 1.0 if verdict == "ok" else 0.0

    def to_dict(self) -> dict[str, Any]:
        """As JSON types, without the trace."""
        data = asdict(self)
        del data["trace"]
        return data

    @classmethod
    def from_dict(cls, data: dict[str, Any], trace: str = "") -> Record:
        """The record that :meth:`to_dict` wrote."""
        known = {f.name for f in fields(cls)}
        return cls(**{k: v for k, v in data.items() if k in known}, trace=trace)
