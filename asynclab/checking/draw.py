"""Draw: random workloads in which the difference between right and wrong always shows."""

from __future__ import annotations

from random import Random

__all__ = ["delays", "names"]

_NAMES = (
    *("Amir", "Bruno", "Carla", "Dario", "Elin", "Farah", "Greta", "Hugo", "Ines", "Jonas"),
    *("Kira", "Lila", "Mats", "Nora", "Oscar", "Pavel", "Quinn", "Rosa", "Sami", "Tomas"),
    *("Ulla", "Viktor", "Wanda", "Xenia", "Yuki", "Zoe"),
)


def delays(random: Random, count: int, *, low: float = 0.1, high: float = 1.0) -> list[float]:
    """``count`` different waits in seconds, in hundredths: no two tie, so every order is one.

    They never grow from the first to the last: whoever takes answers as they come is found out.

    Args:
        random: where the numbers come from.
        count: how many; at most one for each hundredth between the bounds.
        low: the shortest, seconds.
        high: the longest, seconds.
    """
    steps = random.sample(range(round(low * 100), round(high * 100) + 1), count)
    if count > 1 and steps == sorted(steps):
        steps.reverse()
    return [step / 100 for step in steps]


def names(random: Random, count: int) -> list[str]:
    """``count`` different names of people; numbered where there are more than we know."""
    pool = random.sample(_NAMES, len(_NAMES))
    return [
        pool[i % len(pool)] + ("" if i < len(pool) else str(i // len(pool) + 1))
        for i in range(count)
    ]
