"""Lesson 10 against a real PostgreSQL: what its cells say of one is measured here.

The cluster is temporary and listens on a socket in its own folder, so no port can be taken. No
upper bound of a time is asserted: a query that sleeps takes at least that long, and who overlaps
is known by meeting.
"""

import asyncio
import os
import shutil
import subprocess
import tempfile
from contextlib import asynccontextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest

import asynclab
from asynclab.build.sources import read_sources

ROOT = Path(__file__).resolve().parents[1]
PARTS = ["news", "tides", "letters"]
SLEEPING = "SELECT clock_timestamp(), pg_sleep(0.1), clock_timestamp()"


def in_real_time(main):
    """The result of a coroutine on the real clock: a socket knows no other."""
    return asynclab.run(main, clock="real").result


# -- the cluster ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address():
    """The address of a PostgreSQL that lives as long as this module."""
    if find_spec("asyncpg") is None:
        cannot_run("no asyncpg here: pip install -r requirements-test.txt")
    initdb, pg_ctl = command("initdb"), command("pg_ctl")
    home = tempfile.mkdtemp(prefix="postgres-")
    data = f"{home}/data"
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
    try:
        as_its_user([initdb, "-D", data, "-U", "postgres", "--auth=trust", "--no-sync"], home)
        settings = f"-k {home} -c listen_addresses='' -c fsync=off"
        log = f"{home}/log"
        as_its_user([pg_ctl, "start", "-w", "-D", data, "-l", log, "-o", settings], home)
        yield f"postgresql://postgres@/postgres?host={home}"
        as_its_user([pg_ctl, "stop", "-w", "-D", data, "-m", "immediate"], home)
    finally:
        shutil.rmtree(home)


def command(name):
    """The path of a program of the server, which Debian keeps out of PATH."""
    debian = map(str, Path("/usr/lib/postgresql").glob("*/bin"))
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *debian]))
    if found is None:
        cannot_run(f"no {name} on this machine: install it (Debian: apt install postgresql)")
    return found


def cannot_run(reason):
    """Skip; in CI, where nothing may be missing, fail."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


def as_its_user(words, folder):
    """Run a command; as the user postgres if this is root, for whom PostgreSQL does not work."""
    user = {"user": "postgres", "group": "postgres", "extra_groups": []}
    rights = user if os.geteuid() == 0 else {}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(words, check=True, cwd=folder, **quiet, **rights)


# -- the cells of the lesson ---------------------------------------------------------------


def test_the_lesson_measures_what_it_says_where_there_is_none(address, monkeypatch, capsys):
    (lesson,) = (s for s in read_sources(ROOT) if (s.kind, s.stem) == ("lessons", "10_fastapi"))
    cells = [cell.text for cell in lesson.cells if "on_one_connection(" in cell.text]
    assert len(cells) == 2, "one cell defines it, one runs it"

    names = {"asyncio": asyncio, "lab": asynclab, "PARTS": PARTS}
    printed = []
    for where in ("", address):
        monkeypatch.setenv("ASYNCLAB_POSTGRES", where)
        for cell in cells:
            exec(cell, names)
        printed += capsys.readouterr().out.splitlines()

    assert printed == [
        "With a PostgreSQL: one query succeeds, two raise InterfaceError.",
        "measured: ['int', 'InterfaceError', 'InterfaceError']",
    ]


# -- a pool --------------------------------------------------------------------------------


@asynccontextmanager
async def pool_of(size, address):
    import asyncpg

    async with asyncpg.create_pool(address, min_size=size, max_size=size) as pool:
        yield pool


def test_a_pool_of_one_makes_gathered_queries_stand_in_line(address):
    async def main():
        async with pool_of(1, address) as pool:
            return await asyncio.gather(*(pool.fetchrow(SLEEPING) for _ in PARTS))

    times = sorted((began, ended) for began, _, ended in in_real_time(main))
    ends = [ended for _, ended in times]
    assert all(ended <= began for ended, (began, _) in zip(ends, times[1:], strict=False))
    assert (ends[-1] - times[0][0]).total_seconds() >= 3 * 0.1


def test_a_pool_of_three_has_three_connections_at_once(address):
    async def main():
        meeting = asyncio.Barrier(3)

        async def query(pool):
            async with pool.acquire() as connection:
                await meeting.wait()
                return await connection.fetchval("SELECT pg_backend_pid()")

        async with pool_of(3, address) as pool:
            return await asyncio.gather(*(query(pool) for _ in PARTS))

    assert len(set(in_real_time(main))) == 3


def test_holding_one_connection_and_asking_for_another_is_a_deadlock(address):
    async def main():
        meeting, beyond = asyncio.Barrier(2), []

        async def nested(pool):
            async with pool.acquire():
                await meeting.wait()
                async with pool.acquire():
                    beyond.append("has two")

        async with pool_of(2, address) as pool:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await asyncio.gather(nested(pool), nested(pool))
        return meeting.n_waiting, beyond

    assert in_real_time(main) == (0, [])


# -- SQLAlchemy's session ------------------------------------------------------------------


async def kinds_of_outcome(address, warm):
    """Three queries gathered in one session that was used before, or was not."""
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine(address.replace("postgresql:", "postgresql+asyncpg:"))
    async with AsyncSession(engine) as session:
        if warm:
            await session.execute(text("SELECT 'user'"))
        began = asyncio.get_running_loop().time()
        calls = (session.execute(text("SELECT pg_sleep(0.1)")) for _ in PARTS)
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        seconds = asyncio.get_running_loop().time() - began
    await engine.dispose()
    return [type(outcome).__name__ for outcome in outcomes], seconds


def test_a_fresh_session_refuses_what_comes_while_it_connects(address):
    kinds, _ = in_real_time(partial(kinds_of_outcome, address, warm=False))
    assert kinds == ["CursorResult", "InvalidRequestError", "InvalidRequestError"]


def test_a_session_that_is_connected_makes_gathered_queries_stand_in_line(address):
    kinds, seconds = in_real_time(partial(kinds_of_outcome, address, warm=True))
    assert kinds == ["CursorResult"] * 3
    assert seconds >= 3 * 0.1
