"""Command: what `asynclab site` does and says."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.panel import Panel

from .builder import build
from .errors import SiteError
from .server import listen, serve

__all__ = ["SiteError", "run"]


def run(root: Path, output: Path, console: Console, address: tuple[str, int] | None) -> None:
    """Build the site, and serve it if there is an address.

    Args:
        root: the folder of the course.
        output: the folder of the site.
        console: where progress is shown.
        address: host and port to serve it on until Ctrl-C, or None.

    Raises:
        SiteError: there is no site; the message says why.
    """
    if address is None:
        _build(root, output, console)
        console.print("Any web server can host this folder; `asynclab site --serve` does it here.")
        return
    with listen(*address) as listener:
        _build(root, output, console)
        serve(output, listener, lambda url: _announce(console, url))


def _build(root: Path, output: Path, console: Console) -> None:
    try:
        build(root, output, console)
    except OSError as error:
        raise SiteError(
            f"{error.filename or output} cannot be written ({error.strerror or error}): make room, "
            "about 300 MB with what is fetched, or name another folder with --output."
        ) from None
    files = [path.stat().st_size for path in output.rglob("*") if path.is_file()]
    console.print(f"The site is in {output}: {len(files)} files, {sum(files) / 1e6:.0f} MB.")


def _announce(console: Console, url: str) -> None:
    console.print(Panel.fit(f"[bold]{url}[/bold]", title="Open in a browser", padding=(1, 6)))
    console.print("Ctrl-C ends it.")
