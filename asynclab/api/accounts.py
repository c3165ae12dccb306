"""Accounts: what the practice API remembers about each client key."""

from __future__ import annotations

from asyncio import CancelledError
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .faults import Fate, Knobs

__all__ = ["Account", "Accounts", "Bucket", "Refusal", "Stats", "Visit"]


@dataclass(slots=True)
class Stats:
    """What one client key did so far.

    Invariant: ``requests`` is the sum of ``in_flight``, ``answered``, ``rejected``, ``failed``,
    ``dropped`` and ``cancelled``.
    """

    requests: int = 0
    in_flight: int = 0  # accepted and not yet ended
    peak: int = 0  # the largest in_flight
    answered: int = 0  # whatever the status: a 404 is an answer
    rejected: int = 0  # 429 or 503 from a limit
    failed: int = 0  # 500 from failure_rate
    dropped: int = 0  # connection closed without an answer
    cancelled: int = 0  # the client left before the answer

    def count(self, what: str) -> None:
        """Add one to the field of this name."""
        setattr(self, what, getattr(self, what) + 1)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a limit refuses a request.

    Args:
        status: 429 or 503.
        sentence: what the client reads.
        wait: seconds until the rate allows the next request; 0 where that is not known.
    """

    status: int
    sentence: str
    wait: float = 0.0


@dataclass(slots=True)
class Bucket:
    """A token bucket as one number: the time at which it would be full again."""

    full_at: float = 0.0
    seen: float = 0.0

    def wait(self, now: float, rate: float, burst: int) -> float:
        """Take a token if there is one.

        Args:
            now: the loop's time, seconds.
            rate: tokens per second.
            burst: how many tokens the bucket holds.

        Returns:
            0 if a token was taken, else the seconds until there is one.
        """
        if now < self.seen:  # another run, whose clock starts at 0 again
            self.full_at = 0.0
        self.seen = now
        full_at = max(self.full_at, now)
        # to the microsecond, because 0.3 - 0.2 is a little less than 0.1
        wait = round(full_at - now - (burst - 1) / rate, 6)
        if wait > 0:
            return wait
        self.full_at = full_at + 1 / rate
        return 0.0


@dataclass(slots=True)
class Visit:
    """One accepted request; ``outcome`` is the field of :class:`Stats` that it counts for."""

    outcome: str = "answered"


class Account:
    """The knobs, the counts and the limits of one client key."""

    def __init__(self, key: str, knobs: Knobs) -> None:
        self.key = key
        self.knobs = knobs
        self.stats = Stats()
        self.reset()

    def reset(self) -> None:
        """Forget all that happened, except for what is in flight. The knobs stay."""
        now = self.stats.in_flight
        self.stats = Stats(requests=now, in_flight=now, peak=now)
        self.flaky: Counter[str] = Counter()
        self._asked: Counter[tuple[str, str]] = Counter()
        self._bucket = Bucket()

    def fate(self, method: str, target: str) -> Fate:
        """Count one more request for this target, and say what happens to it."""
        nth = self._asked[method, target]
        self._asked[method, target] += 1
        return self.knobs.fate(self.key, method, target, nth)

    def admit(self, now: float) -> Refusal | None:
        """Count one request that arrives, and refuse it if a limit says so.

        Args:
            now: the loop's time, seconds.
        """
        self.stats.count("requests")
        refusal = self._too_many_at_once() or self._too_many_per_second(now)
        if refusal is not None:
            self.stats.count("rejected")
        return refusal

    def _too_many_at_once(self) -> Refusal | None:
        limit = self.knobs.max_concurrent
        if limit is None or self.stats.in_flight < limit:
            return None
        return Refusal(503, f"Too many requests at once: the limit is {limit} in flight.")

    def _too_many_per_second(self, now: float) -> Refusal | None:
        rate = self.knobs.rate
        wait = self._bucket.wait(now, rate, self.knobs.burst) if rate else 0.0
        if not wait:
            return None
        return Refusal(429, f"Too many requests: the limit is {rate:g} per second.", wait)

    @contextmanager
    def visit(self) -> Iterator[Visit]:
        """Count one admitted request as in flight until the block ends, however it ends."""
        visit = Visit()
        self.stats.in_flight += 1
        self.stats.peak = max(self.stats.peak, self.stats.in_flight)
        try:
            yield visit
        except (CancelledError, GeneratorExit):
            visit.outcome = "cancelled"
            raise
        finally:
            self.stats.in_flight -= 1
            self.stats.count(visit.outcome)


class Accounts:
    """Every account, made when its key is first seen."""

    def __init__(self, knobs: Knobs) -> None:
        self.knobs = knobs
        self.by_key: dict[str, Account] = {}

    def __getitem__(self, key: str) -> Account:
        if key not in self.by_key:
            self.by_key[key] = Account(key, self.knobs)
        return self.by_key[key]
