"""Lite: JupyterLab and its notebooks as static files, made by JupyterLite's own builder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from .distribution import LOADED_AT_START
from .errors import SiteError
from .parts import Parts

__all__ = ["make_lite"]

APPS = ("lab", "notebooks", "tree")
BUILDER = ("jupyterlite-core", "jupyterlite-pyodide-kernel", "doit", "pkginfo")
EXTENSIONS = ("anywidget", "jupyterlab-widgets", "jupyterlite-pyodide-kernel")
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
EPOCH = 1_577_836_800  # 2020-01-01: the date of everything in the site, so that it never varies


def make_lite(
    parts: Parts,
    contents: Path,
    pyodide: str,
    folder: Path,
    work: Path,
    *,
    at_start: Sequence[str] = LOADED_AT_START,
) -> None:
    """Write JupyterLite, with the lab extensions of the course, into a folder.

    Args:
        parts: the pinned files, which have been fetched.
        contents: a folder of what the learner finds in the file browser.
        pyodide: where Pyodide will be, relative to the folder.
        folder: is made. Nothing else may lie beside it: the builder sets the date of its parent.
        work: an empty folder for what lies between.
        at_start: packages that are loaded together with Python.

    Raises:
        SiteError: the builder failed.
    """
    tools = work / "tools"
    for package in BUILDER:
        with zipfile.ZipFile(parts.wheel(package)) as archive:
            archive.extractall(tools)
    project = work / "project"
    project.mkdir()
    _write(project / "jupyter-lite.json", _runtime(pyodide, at_start))
    _write(project / "jupyter_lite_config.json", _build(parts, contents, folder))
    done = subprocess.run(
        [sys.executable, "-m", "jupyterlite_core", "build"],
        cwd=project,
        env=_variables(tools, work),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SiteError(
            f"JupyterLite could not be assembled:\n{(done.stdout + done.stderr)[-2000:]}"
        )


def _runtime(pyodide: str, at_start: Sequence[str]) -> dict:
    """What the page reads when it starts."""
    kernel = {
        "disablePyPIFallback": True,
        "loadPyodideOptions": {"packages": list(at_start)},
        "pyodideUrl": f"./{pyodide}/pyodide.mjs",
    }
    data = {
        "appName": "asynclab",
        "exposeAppInBrowser": True,  # for the tests, which ask a notebook what it holds
        "litePluginSettings": {KERNEL: kernel},
    }
    return {"jupyter-lite-schema-version": 0, "jupyter-config-data": data}


def _build(parts: Parts, contents: Path, folder: Path) -> dict:
    return {
        "LiteBuildConfig": {
            "apps": APPS,
            "contents": [str(contents)],
            "federated_extensions": [str(parts.wheel(package)) for package in EXTENSIONS],
            "ignore_sys_prefix": True,  # no extension of this machine belongs to the course
            "no_sourcemaps": True,
            "no_unused_shared_packages": True,
            "output_dir": str(folder),
            "source_date_epoch": EPOCH,
        }
    }


def _variables(tools: Path, work: Path) -> dict[str, str]:
    """The environment of the builder: its own packages, and no settings of this user."""
    settings = {"JUPYTER_CONFIG_DIR": str(work / "config"), "JUPYTER_PREFER_ENV_PATH": "0"}
    return {**os.environ, **settings, "PYTHONPATH": str(tools)}


def _write(path: Path, data: dict) -> None:
    path.write_text(json.dumps(data, indent=1, sort_keys=True), "utf-8")
