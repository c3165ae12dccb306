"""Makes the outputs of executed cells the same from run to run and from machine to machine.

What only depends on the machine is taken out: traceback frames inside libraries, the temporary
file names of cells, the ids of widgets, how the kernel happened to cut a stream into pieces.
What cannot be the same twice is not repaired but refused: memory addresses, paths, a picture
without text.
"""

from __future__ import annotations

import re
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from nbformat import NotebookNode

__all__ = ["settle", "without_colours"]

_ADDRESS = re.compile(r"\b0x[0-9A-Fa-f]{7,}\b")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_WIDGET = "application/vnd.jupyter.widget-"  # a model id that no other kernel knows
_LEFT_OUT = "    [frames inside libraries left out]\n"


def without_colours(text: str) -> str:
    """The text of a traceback without the terminal's colour codes."""
    return _COLOUR.sub("", text)


def settle(cell: NotebookNode, root: Path) -> list[str]:
    """Make the outputs of an executed code cell stable, in place.

    Args:
        cell: a code cell with the outputs that its kernel sent.
        root: the folder of the course, whose path must not be in an output.

    Returns:
        One sentence for each output that cannot be made stable.
    """
    cell.outputs = list(_joined_streams(cell.outputs))
    for output in cell.outputs:
        _without_machine(output)
    problems = [sentence for output in cell.outputs for sentence in _unstable(output, root)]
    return list(dict.fromkeys(problems))  # a repr and its HTML say the same


def _joined_streams(outputs: Iterable[NotebookNode]) -> Iterator[NotebookNode]:
    """Between two other outputs, all of stdout and then all of stderr.

    The kernel flushes both on a timer, so where one is cut by the other is chance.
    """
    waiting = {}
    for output in outputs:
        if output.output_type == "stream":
            if output.name in waiting:
                waiting[output.name].text += output.text
            else:
                waiting[output.name] = output
        else:
            yield from _in_order(waiting)
            waiting = {}
            yield output
    yield from _in_order(waiting)


def _in_order(streams: dict[str, NotebookNode]) -> Iterator[NotebookNode]:
    return (streams[name] for name in ("stdout", "stderr") if name in streams)


def _without_machine(output: NotebookNode) -> None:
    """Take out of one output what only depends on the machine."""
    if output.output_type == "stream":
        output.text = _sanitised(output.text)
    elif output.output_type == "error":
        output.traceback = list(_own_frames(output.traceback))
    else:
        for mime in list(output.data):
            if mime.startswith(_WIDGET):
                del output.data[mime]
            elif mime.startswith("text/"):
                output.data[mime] = _sanitised(output.data[mime])


def _own_frames(traceback: Iterable[str]) -> Iterator[str]:
    """IPython's traceback, an entry per frame, without the frames inside libraries."""
    left_out = False
    for entry in traceback:
        library = without_colours(entry).lstrip().startswith("File ")
        if library and not left_out:
            yield _LEFT_OUT
        elif not library:
            yield _sanitised(entry)
        left_out = library


def _sanitised(text: str) -> str:
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def _patterns() -> list[tuple[re.Pattern, str]]:
    """The pairs of nbval.cfg, read the way nbval reads them."""
    text = Path(__file__).with_name("nbval.cfg").read_text(encoding="utf-8")
    pairs = re.findall(r"^regex: (.*)$\n^replace: (.*)$", text, re.MULTILINE)
    return [(re.compile(pattern), replacement) for pattern, replacement in pairs]


_PATTERNS = _patterns()


def _unstable(output: NotebookNode, root: Path) -> Iterator[str]:
    """Say what in one output will differ in the next run or on the next machine."""
    text = without_colours("\n".join(_texts(output)))
    if address := _ADDRESS.search(text):
        yield f"prints a memory address, {address[0]}: print a name or a value instead"
    for folder in _folders(root):
        if folder in text:
            yield f"prints a path of this machine, {folder}: print the file's name instead"
            break
    data = output.get("data", {"text/plain": ""})
    if "image/svg+xml" in data:
        yield "shows image/svg+xml, which GitHub drops: show image/png"
    if "text/plain" not in data:
        yield "shows an output without text/plain, so that nothing can be compared or read aloud"


def _texts(output: NotebookNode) -> list[str]:
    """Everything in an output that is text."""
    if output.output_type == "stream":
        return [output.text]
    if output.output_type == "error":
        return [output.evalue, *output.traceback]
    return [str(value) for mime, value in output.data.items() if not mime.startswith("image/")]


def _folders(root: Path) -> list[str]:
    """Folders that another machine has elsewhere, the longest first."""
    package = Path(__file__).resolve().parents[1]
    places = [root.resolve(), package, Path.home(), Path(tempfile.gettempdir())]
    places += [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib")]
    folders = {str(place) for place in places if place != Path(place.anchor)}
    return sorted((f"{folder}{sep}" for folder in folders for sep in "/\\"), key=len)[::-1]
