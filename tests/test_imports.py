"""How the modules of the package may know each other: downwards, and by their public names."""

import ast
from pathlib import Path

import pytest

import asynclab

ROOT = Path(asynclab.__file__).parent
LAYERS = (  # a module imports from lower lines only; within a package, as its docstring says
    ("__main__",),
    ("cli",),
    ("grading", "site", "suite"),
    ("build",),
    ("exercises",),
    ("browser",),
    ("checking", "controls", "prediction"),
    ("picture",),
    ("api", "cells", "runner"),
    ("notebook", "tracer"),
    ("watchdog",),
    ("clock",),
    ("capture", "connection", "syllabus", "workers"),
    ("nesting", "waits"),
    ("trace",),
)
LEVELS = {name: level for level, names in enumerate(LAYERS) for name in names}
PATHS = sorted(ROOT.rglob("*.py"))


def dotted(path):
    """The parts of a module's name, without that of the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


MODULES = {dotted(path): ast.parse(path.read_text("utf-8")) for path in PATHS}


def imports(path):
    """The module and the name of everything of ours that a module imports when it runs."""
    tree = ast.parse(path.read_text("utf-8"))
    only_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    package = ("asynclab", *path.relative_to(ROOT).parts[:-1])
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node not in only_types:
            start = package[: len(package) + 1 - node.level] if node.level else ()
            home = (*start, *(node.module or "").split("."))
            if home[0] == "asynclab":
                yield from ((tuple(filter(None, home[1:])), alias.name) for alias in node.names)


def public(module):
    """The names in ``__all__``, and the modules of a package."""
    listed = [
        ast.literal_eval(node.value)
        for node in MODULES[module].body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    inside = {name[-1] for name in MODULES if name[:-1] == module}
    return inside.union(*listed)


def named(path):
    return ".".join(dotted(path)) or "asynclab"


@pytest.mark.parametrize("path", [p for p in PATHS if dotted(p)], ids=named)
def test_imports_point_down(path):
    own = dotted(path)[0]
    others = {(home or (name,))[0] for home, name in imports(path)} - {own}
    assert [name for name in others if LEVELS[name] <= LEVELS[own]] == []


@pytest.mark.parametrize("path", PATHS, ids=named)
def test_only_public_names_are_imported(path):
    found = list(imports(path))
    assert [(home, name) for home, name in found if name not in public(home)] == []
