"""Limits: what one submission may use up."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MIB", "Limits"]

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one submission may use up.

    Attributes:
        wall: seconds for its cells, and again for each exercise.
        cpu: seconds of processor time for its cells, and again for each exercise.
        memory: MiB of private memory.
        threads: threads, where the tier can count them.
        printed: MiB that cells may print.
        line: MiB of one message from the sandbox.
        messages: messages from the sandbox.
        notebook: MiB of the notebook file.
    """

    wall: float = 10.0
    cpu: int = 10
    memory: int = 512
    threads: int = 64
    printed: int = 1
    line: int = 4
    messages: int = 100_000
    notebook: int = 32
