"""Picture: from the record of a run to what a reader sees.

=============== =======================================================================
layout          Trace -> drawing: the one dict that everything below draws
words, stories  times, and one sentence for each task and each run
chart           drawing -> plain characters
table           drawing -> HTML table
vector, raster  drawing -> SVG, PNG (frame: where, glyphs and ink: how, lettering: the font)
widget          drawing -> the interactive timeline (timeline.js, timeline.css)
picture         Picture, and the functions that make one
=============== =======================================================================
"""

from .layout import drawing
from .picture import Picture, compare, timeline

__all__ = ["Picture", "compare", "drawing", "timeline"]
