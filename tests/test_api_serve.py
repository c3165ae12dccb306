"""The practice API on real sockets: started, faulty, and gone with whoever started it.

Nothing here asserts a time: real sockets prove counts, statuses and errors.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from asynclab import api
from asynclab.api import server
from asynclab.runner import run

HOME = Path(__file__).parents[1]
SOON = 60  # seconds: no test waits so long unless it fails


async def in_flight(url, key="default"):
    """Return when a request of this key is in flight; each turn is a round trip to the server."""
    async with api.client(url, key=key) as watcher, asyncio.timeout(SOON):
        while (await api.stats(watcher)).in_flight == 0:
            pass


async def idle(url):
    """Return when no request is in flight."""
    async with api.client(url) as watcher, asyncio.timeout(SOON):
        while (await api.stats(watcher)).in_flight:
            pass


def connect(url):
    """An open connection, which reads EOF when the server is gone."""
    parts = httpx.URL(url)
    return socket.create_connection((parts.host, parts.port), timeout=SOON)


def assert_gone(connection, url):
    """The server closed its connection and listens no more."""
    with suppress(ConnectionResetError):
        assert connection.recv(1) == b""
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)


def test_plain_with_serves_and_ends_with_its_block():
    with api.serve(latency=0) as url:
        connection = connect(url)
        assert httpx.get(f"{url}/users/1", trust_env=False).json()["name"] == "Ines Morel"
        assert httpx.URL(url).host == "127.0.0.1"
    with connection:
        assert_gone(connection, url)


def test_server_ends_with_its_block_even_if_a_request_stalls():
    with api.serve(stall_rate=1) as url:
        connection = connect(url)
        connection.sendall(b"GET /users/1 HTTP/1.1\r\nHost: api\r\n\r\n")
        asyncio.run(in_flight(url))
    with connection:
        assert_gone(connection, url)


def test_same_client_code_same_answers_on_both_sides():
    knobs = {"failure_rate": 0.3, "drop_rate": 0.3, "latency": 0.001, "seed": 4}

    async def outcome(client, number):
        try:
            response = await client.get(f"/posts/{number}")
        except httpx.HTTPError as error:
            return repr(error)
        return response.status_code, response.json(), response.headers["content-type"]

    async def program(client):
        async with client:
            return [await outcome(client, number) for number in range(1, 21)]

    async def over_sockets():
        async with api.serve(**knobs) as url:
            return await program(api.client(url))

    in_process = run(lambda: program(api.client(**knobs))).result
    assert asyncio.run(over_sockets()) == in_process
    assert repr(httpx.RemoteProtocolError("Server disconnected without sending a response.")) in (
        in_process
    )


def test_a_drop_really_closes_the_socket():
    with api.serve(drop_rate=1, latency=0) as url, connect(url) as connection:
        connection.sendall(b"GET /users/1 HTTP/1.1\r\nHost: api\r\n\r\n")
        assert connection.recv(1) == b""


def test_a_stall_really_stalls_until_the_client_gives_up():
    async def main():
        async with api.serve(stall_rate=1) as url, api.client(url) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.get("/users/1", timeout=0.1)
            await idle(url)
            return await api.stats(client)

    assert asyncio.run(main()) == api.Stats(requests=1, peak=1, cancelled=1)


def test_cancelling_a_call_frees_its_slot():
    async def main():
        async with api.serve(max_concurrent=1) as url, api.client(url) as client:
            call = asyncio.create_task(client.get("/delay/3600"))
            await in_flight(url)
            call.cancel()
            await asyncio.wait([call])
            await idle(url)
            return (await client.get("/users/1")).status_code, await api.stats(client)

    status, stats = asyncio.run(main())
    assert status == 200
    assert stats == api.Stats(requests=2, peak=1, answered=1, cancelled=1)


def test_body_reaches_the_app():
    async def main():
        async with api.serve() as url, api.client(url) as client:
            return (await client.put("/knobs", json={"latency": 0.25, "seed": 3})).json()

    assert api.Knobs(**asyncio.run(main())) == api.Knobs(latency=0.25, seed=3)


def test_pool_of_one_connection_times_out():
    async def main():
        async with (
            api.serve() as url,
            api.client(
                url,
                limits=httpx.Limits(max_connections=1),
                timeout=httpx.Timeout(SOON, pool=0.01),
            ) as client,
        ):
            first = asyncio.create_task(client.get("/delay/3600"))
            await in_flight(url)
            with pytest.raises(httpx.PoolTimeout):
                await client.get("/users/1")
            first.cancel()
            await asyncio.wait([first])

    asyncio.run(main())


def test_two_servers_at_once_know_nothing_of_each_other():
    async def main():
        async with api.serve(failure_rate=1) as bad, api.serve() as good:
            async with api.client(bad) as one, api.client(good) as two:
                responses = await asyncio.gather(one.get("/users/1"), two.get("/users/1"))
                counts = await asyncio.gather(api.stats(one), api.stats(two))
            return bad != good, [r.status_code for r in responses], counts

    different, statuses, counts = asyncio.run(main())
    assert different
    assert statuses == [500, 200]
    assert counts == [api.Stats(requests=1, peak=1, failed=1), api.Stats(1, 0, 1, 1)]


def test_virtual_clock_says_what_to_use_instead_of_sockets():
    async def main():
        async with api.serve() as url, api.client(url) as client:
            await client.get("/users/1")

    assert "lab.api.client()" in repr(run(main).exception)


# -- the life of the process --------------------------------------------------------------------


def parent(code, **options):
    """A Python process that runs ``code``, which prints one URL; the process and the URL."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(HOME)},
        text=True,
        **options,
    )
    return process, process.stdout.readline().strip()


SERVE_UNTIL_TOLD = """
    import sys
    from asynclab import api
    with api.serve() as url:
        print(url, flush=True)
        sys.stdin.readline()
"""


def end(process):
    """Kill it if it still runs; close its pipes."""
    process.kill()
    process.communicate()


def test_server_dies_with_a_parent_that_is_killed():
    process, url = parent(SERVE_UNTIL_TOLD)
    try:
        with connect(url) as connection:
            process.kill()
            assert_gone(connection, url)
    finally:
        end(process)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal that goes to a process group")
def test_ctrl_c_leaves_no_server_behind_and_does_not_reach_it_first():
    code = """
        import time
        from asynclab import api
        with api.serve() as url:
            try:
                print(url, flush=True)
                while True:
                    time.sleep(60)
            except KeyboardInterrupt:
                import httpx
                print(httpx.get(url + "/users/1", trust_env=False).status_code, flush=True)
    """
    process, url = parent(code, start_new_session=True)
    try:
        with connect(url) as connection:
            os.killpg(process.pid, signal.SIGINT)
            assert process.stdout.readline() == "200\n"
            assert_gone(connection, url)
        assert process.wait(SOON) == 0
    finally:
        end(process)


def test_server_is_found_from_another_folder_and_past_files_with_unlucky_names(tmp_path):
    (tmp_path / "httpx.py").write_text("raise RuntimeError('not this one')")
    (tmp_path / "queue.py").write_text("raise RuntimeError('not this one')")
    code = f"import sys; sys.path.remove(''); sys.path.insert(0, {str(HOME)!r})\n"
    process, url = parent(code + textwrap.dedent(SERVE_UNTIL_TOLD), cwd=tmp_path)
    try:
        assert url.startswith("http://127.0.0.1:")
    finally:
        end(process)


def test_a_port_that_is_taken_is_said_in_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(api.ServerError, match=r"^the server did not start: .*in use"):
            api.serve(port=port).__enter__()
        message = rf"^cannot listen on 127\.0\.0\.1, port {port}: .*in use"
        with pytest.raises(api.ServerError, match=message):
            server.main(port=port)


def test_a_process_that_ends_at_once_is_reported_with_its_last_words(monkeypatch):
    monkeypatch.setattr(server, "WORKER", ["-c", "raise SystemExit('no uvicorn here')"])
    with pytest.raises(api.ServerError, match=r"^the server did not start: no uvicorn here$"):
        api.serve().__enter__()


def test_a_process_that_says_nothing_is_ended(monkeypatch):
    monkeypatch.setattr(server, "WORKER", ["-c", "import sys; sys.stdin.read()"])
    monkeypatch.setattr(server, "START_LIMIT", 0.01)
    with pytest.raises(api.ServerError, match=r"^the server did not start within 0.01 s$"):
        api.serve().__enter__()


def test_knobs_are_checked_before_anything_starts():
    with pytest.raises(ValueError, match="latency must be a number of seconds"):
        api.serve(latency=-1)


def test_foreground_server_says_where_it_is_and_ends_on_ctrl_c():
    process, line = parent("from asynclab.api.server import main; main(port=0)")
    try:
        url = line.split()[5].rstrip(".")
        assert line == f"The practice API answers at {url}. Ctrl-C ends it."
        with connect(url) as connection:
            assert httpx.get(f"{url}/users/1", trust_env=False).status_code == 200
            process.send_signal(signal.SIGINT)
            assert_gone(connection, url)
        assert process.wait(SOON) == 0
        assert process.stderr.read() == ""
    finally:
        end(process)


def test_importing_the_api_needs_no_uvicorn():
    code = "import sys, asynclab.api; print('uvicorn' in sys.modules)"
    process, answer = parent(code)
    end(process)
    assert answer == "False"
