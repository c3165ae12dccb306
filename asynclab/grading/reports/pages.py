"""Pages: HTML from templates. Whatever a learner wrote is text in them."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

__all__ = ["render"]


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("asynclab.grading.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, **values: Any) -> str:
    """A page.

    Args:
        template: its file in ``templates``.
        values: what it shows; escaped, unless the template says that it is markup of ours.
    """
    return _environment().get_template(template).render(values)
