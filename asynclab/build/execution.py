"""Runs a notebook on the virtual clock, in a fresh kernel of this very interpreter."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from .outputs import without_colours

__all__ = ["CellFailed", "execute"]

_CLEANED = ("ASYNCLAB_", "PYTHON", "IPYTHON", "IPYKERNEL", "FORCE_COLOR", "NO_COLOR")
_FIXED = {
    "ASYNCLAB_CLOCK": "virtual",
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
    "COLUMNS": "80",
    "LINES": "24",
}
_LAST_LINES = 6  # of a traceback: enough for the failing line and the message


class CellFailed(Exception):
    """A cell did not do what its source promises.

    Attributes:
        index: the cell's place in the notebook, from 0.
        line: the line of the cell where it happened, from 1.
    """

    def __init__(self, index: int, sentence: str, line: int = 1) -> None:
        super().__init__(sentence)
        self.index = index
        self.line = line


class _ThisInterpreter(AsyncKernelManager):
    """Starts this interpreter, whatever kernels are installed on the machine."""

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(**get_kernel_dict())


async def execute(
    notebook: NotebookNode,
    folder: Path,
    *,
    started: Callable[[int], None] | None = None,
    seconds_per_cell: int = 120,
) -> None:
    """Run every cell of a notebook in order and keep the outputs in it.

    Args:
        notebook: the notebook; its code cells get outputs and execution counts.
        folder: where the notebook is at home; the kernel's working directory.
        started: called with the index of each cell when it begins.
        seconds_per_cell: how long one cell may take, in whole seconds of the real clock.

    Raises:
        CellFailed: a cell raised unexpectedly, raised nothing although it is tagged
            `raises-exception`, took too long, or ended its kernel.
    """
    client = NotebookClient(
        notebook,
        kernel_manager_class=_ThisInterpreter,
        kernel_name="python3",
        timeout=seconds_per_cell,
        iopub_timeout=60,  # a busy machine must not lose an output
        raise_on_iopub_timeout=True,
        record_timing=False,
        allow_errors=True,  # _judge decides
        resources={"metadata": {"path": str(folder)}},
        on_cell_executed=_judge,
    )
    current = 0
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryFile("w+") as stderr:
        try:
            async with _kernel(client, env=_environment(scratch), stderr=stderr):
                for current, cell in enumerate(notebook.cells):
                    if started:
                        started(current)
                    await client.async_execute_cell(cell, current, client.code_cells_executed + 1)
        except CellTimeoutError as error:
            sentence = f"this cell takes longer than {seconds_per_cell} s"
            raise CellFailed(current, sentence) from error
        except (DeadKernelError, RuntimeError) as error:
            if asyncio.current_task().cancelling():  # nbclient takes Ctrl-C for a dead kernel
                raise asyncio.CancelledError from None
            stderr.seek(0)
            raise CellFailed(current, _quoted("the kernel died here", stderr.read())) from error


@asynccontextmanager
async def _kernel(client: NotebookClient, **how: Any) -> AsyncIterator[None]:
    """A kernel that ends with the block; Ctrl-C is left to the caller's event loop."""
    manager = client.create_kernel_manager()
    try:
        await client.async_start_new_kernel(**how)
        await client.async_start_new_kernel_client()
        yield
    finally:
        if client.kc:
            client.kc.stop_channels()
        await manager.shutdown_kernel(now=True)


def _judge(cell: NotebookNode, cell_index: int, execute_reply: dict) -> None:
    """Compare how a cell ended with how its tags say it ends."""
    reply = execute_reply["content"]
    expected = "raises-exception" in cell.metadata.get("tags", ())
    if reply["status"] == "ok" and expected:
        raise CellFailed(cell_index, "this cell is tagged raises-exception and raises nothing")
    if reply["status"] == "error" and not expected:
        traceback = without_colours("\n".join(reply["traceback"]))
        message = f"this cell raises {reply['ename']}: {reply['evalue']}".rstrip(": ")
        where = re.findall(rf"Cell In ?\[{cell.execution_count}\], line (\d+)", traceback)
        line = int(where[-1]) if where else 1
        raise CellFailed(cell_index, _quoted(message, traceback), line)


def _quoted(sentence: str, text: str) -> str:
    """A sentence, and under it the last lines of a text."""
    lines = [line for line in text.rstrip().splitlines() if line.strip()]
    return "\n".join([sentence, *(f"    {line}" for line in lines[-_LAST_LINES:])])


def _environment(scratch: str) -> dict[str, str]:
    """The variables of a kernel: nothing of the machine that could show in an output.

    The package that builds is the one that is imported, installed or not. Progress of exercises
    goes to the scratch folder: whoever builds the solutions has not passed them.
    """
    kept = {name: text for name, text in os.environ.items() if not name.startswith(_CLEANED)}
    package = str(Path(__file__).resolve().parents[2])
    paths = filter(None, [package, os.environ.get("PYTHONPATH")])
    here = {"IPYTHONDIR": scratch, "ASYNCLAB_HOME": scratch, "PYTHONPATH": os.pathsep.join(paths)}
    return kept | _FIXED | here
