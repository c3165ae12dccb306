"""The `asynclab` command: thin verbs, each over one module."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["app"]

ROOT = Path(__file__).resolve().parent.parent

app = typer.Typer(
    name="asynclab",
    help="A course on asyncio in notebooks. `python3 course.py` opens it; "
    "`python3 course.py test` runs every test.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def build(
    names: Annotated[list[str] | None, typer.Argument(help="Stems such as 06_semaphore.")] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Only say what is stale.")] = False,
) -> None:
    """Build notebooks/, exercises/ and solutions/ from content/."""
    from .build import notebooks, readme, texts

    if check:
        stale = notebooks.check(ROOT, names or ())
        raise typer.Exit(stale | readme.check_readme(ROOT) | texts.check_texts(ROOT))
    texts.write_texts(ROOT)  # first: the solutions are checked while they are executed
    refused = notebooks.build(ROOT, names or ())
    readme.write_readme(ROOT)
    raise typer.Exit(refused)


@app.command("test", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run_tests(
    context: typer.Context,
    only: Annotated[str, typer.Option(help="Run the stage of this name alone.")] = "",
) -> None:
    """Run every stage that CI runs; pytest arguments narrow it down to `tests`."""
    from .suite import run_suite

    try:
        passed = run_suite(only, context.args)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--only") from None
    raise typer.Exit(0 if passed else 1)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="0.0.0.0 is reached from the network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 is any free.")] = 8000,
) -> None:
    """Serve the practice API until Ctrl-C."""
    from .api import server

    try:
        server.main(host, port)
    except server.ServerError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


@app.command()
def site(
    output: Annotated[Path, typer.Option(help="Folder of the site.")] = ROOT / "build" / "site",
    *,
    serve: Annotated[bool, typer.Option("--serve", help="Serve it until Ctrl-C.")] = False,
    host: Annotated[str, typer.Option(help="0.0.0.0 is reached from the network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 is any free.")] = 8080,
) -> None:
    """Build the browser edition: a folder for any web server, nothing to install for learners."""
    from rich.console import Console

    from .site import command

    try:
        command.run(ROOT, output, Console(soft_wrap=True), address=(host, port) if serve else None)
    except command.SiteError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@app.command()
def grade(
    submissions: Annotated[
        Path | None, typer.Argument(help="A folder, a Canvas or Moodle zip, or one notebook.")
    ] = None,
    *,
    output: Annotated[Path | None, typer.Option(help="Folder for results and reports.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Submissions at once.")] = os.cpu_count() or 1,
    exercise: Annotated[str, typer.Option(help="Only this exercise.")] = "",
    dask: Annotated[str, typer.Option(help="A Dask scheduler, as tcp://host:8786.")] = "",
    gradebook: Annotated[Path | None, typer.Option(help="A Canvas gradebook to fill in.")] = None,
    gradescope: Annotated[
        Path | None, typer.Option(help="Write one learner's results.json for Gradescope.")
    ] = None,
    gradescope_zip: Annotated[
        Path | None, typer.Option(help="Only write Gradescope's autograder, a zip file.")
    ] = None,
    self_test: Annotated[
        bool, typer.Option("--self-test", help="Only grade answers whose verdict is known.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with --output.")] = False,
    allow_unsandboxed: Annotated[
        bool, typer.Option("--allow-unsandboxed", help="Also where nothing can be confined.")
    ] = False,
    tier: Annotated[str, typer.Option(help="Force sandbox tier A, B or C.")] = "",
    wall: Annotated[float, typer.Option(min=0.1, help="Seconds for an exercise.")] = 10.0,
    cpu: Annotated[int, typer.Option(min=1, help="Seconds of computing for an exercise.")] = 10,
    memory: Annotated[int, typer.Option(min=1, help="MiB for a submission.")] = 512,
    threads: Annotated[int, typer.Option(min=1, help="Threads of a submission.")] = 64,
    printed: Annotated[int, typer.Option(min=1, help="MiB that its cells may print.")] = 1,
) -> None:
    """Grade submitted exercise notebooks, each in a sandbox."""
    from rich.console import Console

    from .grading import command
    from .grading.limits import Limits
    from .grading.reports import write_autograder

    console = Console(soft_wrap=True)
    limits = Limits(wall=wall, cpu=cpu, memory=memory, threads=threads, printed=printed)
    if submissions is None and gradescope_zip is None and not self_test:
        raise typer.BadParameter("name a folder, a zip file or a notebook")
    if output is None and (resume or gradebook):
        option = "--resume" if resume else "--gradebook"
        raise typer.BadParameter(f"{option} needs --output, the folder of the results")
    wish = command.Wish(
        submissions or Path(),
        output,
        ROOT,
        jobs=jobs,
        resume=resume,
        exercise=exercise,
        unsandboxed=allow_unsandboxed,
        dask=dask,
        tier=tier,
        limits=limits,
        gradebook=gradebook,
        gradescope=gradescope,
    )
    try:
        if gradescope_zip is not None:
            write_autograder(ROOT, gradescope_zip)
            return
        if self_test:
            raise typer.Exit(0 if command.run_self_test(ROOT, tier, jobs, console) else 1)
        counts = command.run(wish, console)
        raise typer.Exit(1 if "grader_error" in counts else 0)
    except command.REFUSALS as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@app.command()
def version() -> None:
    """Print the version of the course."""
    from importlib.metadata import version

    typer.echo(version("asynclab"))
