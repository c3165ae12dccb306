"""Parts: the pinned files of PyPI and npm that the site is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from packaging.tags import Tag, sys_tags

from .registry import Artifact, fetch, locked

__all__ = ["ENVIRONMENT", "PYODIDE", "Parts"]

HERE = Path(__file__).parent
PYODIDE = Artifact(
    "pyodide",
    "https://registry.npmjs.org/pyodide/-/pyodide-314.0.7.tgz",
    "d18bd7c4485f11da4b7dbfd790cd8114078c44eab488c517d9bcf31fda4eb6dc"
    "8c716930abe1db139bb2b860fcd8b37bcb6abe48dbe2ffa579244b0e943d91d4",
    6_488_647,
    "sha512",
)
# Pyodide's Python, as wheels and environment markers call it.
TAGS = (
    Tag("cp314", "cp314", "pyemscripten_2026_0_wasm32"),
    Tag("py3", "none", "any"),
    Tag("py2", "none", "any"),
)
ENVIRONMENT = {
    "extra": "",
    "implementation_name": "cpython",
    "implementation_version": "3.14.2",
    "os_name": "posix",
    "platform_machine": "wasm32",
    "platform_python_implementation": "CPython",
    "platform_release": "",
    "platform_system": "Emscripten",
    "platform_version": "",
    "python_full_version": "3.14.2",
    "python_version": "3.14",
    "sys_platform": "emscripten",
}


@dataclass(frozen=True)
class Parts:
    """The files of a build.

    Attributes:
        browser: wheels that are installed in the browser, or whose lab extension runs there.
        tools: wheels that are used on this machine while building.
    """

    browser: tuple[Artifact, ...]
    tools: tuple[Artifact, ...]

    @classmethod
    def pinned(cls) -> Parts:
        """What the lock files beside this module name.

        Raises:
            SiteError: a tool does not exist for this machine.
        """
        return cls(
            tuple(locked(HERE / "pylock.browser.toml", TAGS, ENVIRONMENT)),
            tuple(locked(HERE / "pylock.tools.toml", sys_tags(), {})),
        )

    def missing(self) -> int:
        """How many bytes have yet to be fetched."""
        return sum(part.size for part in self._all() if not part.path.exists())

    def fetch(self, on_bytes: Callable[[int], None]) -> None:
        """Fetch what is missing.

        Args:
            on_bytes: called with the number of bytes that have arrived since its last call.

        Raises:
            SiteError: a registry cannot be reached, or what it sends has another hash.
        """
        fetch(self._all(), on_bytes)

    def wheel(self, package: str) -> Path:
        """The wheel of a package, on this machine."""
        return next(part.path for part in self._all() if part.package == package)

    def _all(self) -> tuple[Artifact, ...]:
        return (PYODIDE, *self.browser, *self.tools)
