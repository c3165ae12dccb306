"""Wheels: packages for the browser, unpacked, trimmed, and packed to the same bytes each time."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

__all__ = ["Wheel", "pack", "unpack"]

EPOCH = (2020, 1, 1, 0, 0, 0)  # the date of every packed file, so that it never varies
# Test suites, copies of lab extensions, stubs that complete other libraries, and the colours of
# languages that neither a notebook's Python nor its magics need.
UNUSED = re.compile(
    r"(^|/)tests?/"
    r"|\.data/data/"
    r"|^anywidget/(labextension|nbextension)/"
    r"|^jedi/third_party/(django-stubs|typeshed/stubs)/"
    r"|^IPython/sphinxext/"
    r"|^pygments/lexers/(?!(__init__|_mapping|_(css|lilypond|scheme)_builtins|css|data|html"
    r"|javascript|jvm|lilypond|lisp|markup|perl|python|ruby|shell|special)\.py$)"
)


@dataclass(frozen=True)
class Wheel:
    """A packed wheel.

    Attributes:
        path: the file.
        metadata: what its METADATA says.
        imports: the names that a program imports from it.
    """

    path: Path
    metadata: Message
    imports: list[str]

    @classmethod
    def read(cls, path: Path) -> Wheel:
        """Read what a wheel says of itself."""
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            about = next(name for name in names if name.endswith(".dist-info/METADATA"))
            metadata = Parser().parsestr(archive.read(about).decode("utf-8"))
        return cls(path, metadata, _imports(names))

    @property
    def name(self) -> str:
        """The normal form of the package's name."""
        return canonicalize_name(self.metadata["Name"])

    def requirements(self, environment: dict[str, str]) -> list[str]:
        """The names of the packages that it needs where the markers have these values."""
        requirements = map(Requirement, self.metadata.get_all("Requires-Dist", []))
        return sorted(
            {
                canonicalize_name(requirement.name)
                for requirement in requirements
                if requirement.marker is None or requirement.marker.evaluate(environment)
            }
        )

    def entry(self, depends: Iterable[str]) -> dict:
        """What Pyodide's lock file says of it."""
        return {
            "name": self.name,
            "version": self.metadata["Version"],
            "file_name": self.path.name,
            "install_dir": "site",
            "sha256": hashlib.sha256(self.path.read_bytes()).hexdigest(),
            "package_type": "package",
            "imports": self.imports,
            "depends": sorted(depends),
            "unvendored_tests": False,
        }


def _imports(names: list[str]) -> list[str]:
    """The top level of what is installed: modules and packages that hold Python."""
    code = [name for name in names if name.endswith((".py", ".so"))]
    tops = (name.partition("/")[0] for name in code if not re.search(r"\.(dist-info|data)/", name))
    return sorted({top.partition(".")[0] for top in tops})


def unpack(wheel: Path, folder: Path) -> None:
    """Unpack what a browser has a use for."""
    with zipfile.ZipFile(wheel) as archive:
        used = [name for name in archive.namelist() if not UNUSED.search(name)]
        archive.extractall(folder, used)


def pack(folder: Path, archive: Path) -> None:
    """Pack a folder: the same files always give the same bytes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in files:
            info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            packed.writestr(info, path.read_bytes())
