"""`python -m asynclab` is the `asynclab` command."""

from .cli import app

app(prog_name="asynclab")
