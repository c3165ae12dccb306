"""The picture as PNG, the only one that GitHub and an untrusted notebook always show."""

from __future__ import annotations

from typing import Any

from .lettering import FAMILY, FONT_FILES
from .vector import svg

__all__ = ["png"]

ZOOM = 1.5  # pixels of the image for one of the picture: sharp on fine screens, and small


def png(drawings: list[dict[str, Any]]) -> bytes | None:
    """The drawings as a PNG image; None where there is no renderer, as in the browser edition.

    Args:
        drawings: what :func:`asynclab.picture.layout.drawing` made.
    """
    try:
        import resvg_py  # noqa: PLC0415 - there is none in the browser
    except ImportError:
        return None
    image = resvg_py.svg_to_bytes(
        svg_string=svg(drawings),
        zoom=ZOOM,
        skip_system_fonts=True,
        font_files=[str(file) for file in FONT_FILES],
        font_family=FAMILY,
        sans_serif_family=FAMILY,
    )
    return bytes(image)
