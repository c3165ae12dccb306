"""The practice API in process: every endpoint, every knob, exact on the virtual clock."""

import asyncio
from dataclasses import fields
from random import Random

import httpx
import pytest

from asynclab import api
from asynclab.api.accounts import Bucket
from asynclab.api.data import COLLECTIONS
from asynclab.clock import Deadlock
from asynclab.runner import run


def ask(*paths, **options):
    """The responses to GET requests made one after the other by a fresh client."""

    async def main():
        async with api.client(**options) as client:
            return [await client.get(path) for path in paths]

    return run(main).result


def outcomes(paths, *, concurrent, **knobs):
    """What each path came to: a status or the name of an exception."""

    async def one(client, path):
        try:
            return path, (await client.get(path)).status_code
        except httpx.HTTPError as error:
            return path, type(error).__name__

    async def main():
        async with api.client(**knobs) as client:
            if concurrent:
                return dict(await asyncio.gather(*(one(client, path) for path in paths)))
            return dict([await one(client, path) for path in paths])

    return run(main).result


# -- data ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "size", "parent", "of"),
    [
        ("users", 10, None, None),
        ("posts", 100, "userId", 10),
        ("todos", 200, "userId", 10),
        ("comments", 500, "postId", 100),
    ],
)
def test_collection_has_its_size_and_is_shared_out_evenly(name, size, parent, of):
    (response,) = ask(f"/{name}")
    records = response.json()
    assert [record["id"] for record in records] == list(range(1, size + 1))
    assert response.headers["X-Total-Count"] == str(size)
    if parent:
        owners = [record[parent] for record in records]
        assert owners == sorted(list(range(1, of + 1)) * (size // of))


def test_content_is_the_same_everywhere():
    user, post, todo, comment = ask("/users/1", "/posts/1", "/todos/200", "/comments/500")
    assert user.json() == {
        "id": 1,
        "name": "Ines Morel",
        "username": "ines",
        "email": "ines@harbourpost.example",
        "role": "editor",
        "beat": "the ferry",
    }
    assert post.json() == {
        "id": 1,
        "userId": 1,
        "title": "The ferry opens an hour earlier",
        "body": "The plan had been in a drawer for nine years. Two families paid for the paint. "
        "The next meeting is on Monday evening.",
    }
    assert todo.json() == {
        "id": 200,
        "userId": 10,
        "title": "Send the invoice for the football ground",
        "completed": False,
    }
    assert comment.json() == {
        "id": 500,
        "postId": 100,
        "name": "Cold",
        "email": "rosa@readers.example",
        "body": "I was there, and it was colder than you write.",
    }


@pytest.mark.parametrize("name", ["posts", "todos"])
def test_titles_do_not_repeat(name):
    titles = [record["title"] for record in COLLECTIONS[name]]
    assert len(set(titles)) == len(titles)


def test_filters_select_and_count():
    posts, comments, nobody = ask("/posts?userId=3", "/comments?postId=7", "/todos?userId=11")
    assert [post["id"] for post in posts.json()] == list(range(21, 31))
    assert posts.headers["X-Total-Count"] == "10"
    assert [comment["id"] for comment in comments.json()] == [31, 32, 33, 34, 35]
    assert (nobody.status_code, nobody.json()) == (200, [])


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("page=1&limit=3", [1, 2, 3]),
        ("page=34&limit=3", [100]),
        ("page=35&limit=3", []),
        ("limit=2", [1, 2]),
        ("page=2", list(range(11, 21))),
        ("userId=2&page=2&limit=4", [15, 16, 17, 18]),
    ],
)
def test_pages(query, ids):
    (response,) = ask(f"/posts?{query}")
    assert [post["id"] for post in response.json()] == ids
    assert response.headers["X-Total-Count"] == ("10" if "userId" in query else "100")


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/users/11", 404, "/users has the ids 1 to 10, not 11."),
        ("/users/0", 400, "the id must be a whole number from 1, not '0'."),
        ("/users/ines", 400, "the id must be a whole number from 1, not 'ines'."),
        ("/users/\u0663", 400, "the id must be a whole number from 1, not '\u0663'."),
        ("/posts/" + "9" * 5000, 400, f"the id must be a whole number from 1, not '{'9' * 5000}'."),
        ("/posts?userId=-1", 400, "userId must be a whole number from 1, not '-1'."),
        ("/posts?limit=0", 400, "limit must be a whole number from 1, not '0'."),
        ("/posts?userid=1", 400, "/posts knows userId, page, limit, not 'userid'."),
        ("/users?userId=1", 400, "/users knows page, limit, not 'userId'."),
        ("/delay/soon", 400, "/delay takes seconds from 0 to 3600, as in /delay/0.5, not 'soon'."),
        ("/delay/-1", 400, "/delay takes seconds from 0 to 3600, as in /delay/0.5, not '-1'."),
        ("/delay/nan", 400, "/delay takes seconds from 0 to 3600, as in /delay/0.5, not 'nan'."),
        ("/status/100", 400, "/status takes a code, as in /status/404, not '100'."),
        ("/status/ok", 400, "/status takes a code, as in /status/404, not 'ok'."),
        ("/flaky/door?fail=x", 400, "fail must be a whole number from 0, not 'x'."),
        ("/people", 404, "There is nothing at /people; / lists what there is."),
    ],
)
def test_nonsense_is_answered_with_a_sentence(path, status, sentence):
    (response,) = ask(path)
    assert (response.status_code, response.json()) == (status, {"error": sentence})


def test_wrong_method_is_answered_with_a_sentence():
    async def main():
        async with api.client() as client:
            return await client.delete("/users/1")

    response = run(main).result
    assert response.status_code == 405
    assert response.json() == {"error": "/users/1 does not answer DELETE."}


def test_index_lists_paths_that_answer():
    index = ask("/")[0].json()
    answers = ask(*(path for group in index.values() for path in group))
    assert [answer.url.path for answer in answers if "There is nothing" in answer.text] == []


# -- practice -----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [200, 201, 204, 304, 404, 418, 500, 503])
def test_status_answers_with_that_status(code):
    (response,) = ask(f"/status/{code}")
    assert response.status_code == code
    assert ("error" in response.text) == (code >= 400)


def test_delay_takes_exactly_its_seconds_whatever_the_latency():
    run_ = run(lambda: _get("/delay/2.5", latency=9))
    assert (run_.elapsed, run_.result.json()) == (2.5, {"delay": 2.5})


@pytest.mark.parametrize("fault", ["failure_rate", "drop_rate"])
def test_a_fault_comes_when_the_answer_would_have_come(fault):
    assert run(lambda: _get("/delay/2.5", **{fault: 1})).elapsed == 2.5
    assert run(lambda: _get("/users/1", latency=0.2, **{fault: 1})).elapsed == 0.2


def test_flaky_fails_as_often_as_asked_for_each_key():
    paths = ["/flaky/door?fail=2"] * 3 + ["/flaky/window?fail=1"] * 2 + ["/flaky/wall?fail=0"]
    responses = ask(*paths)
    assert [response.status_code for response in responses] == [503, 503, 200, 503, 200, 200]
    assert responses[1].json() == {"error": "door fails 2 times, and this was call 2."}
    assert responses[2].json() == {"key": "door", "call": 3}


def test_post_is_practised_too():
    async def main():
        async with api.client() as client:
            paths = ["/delay/1", "/status/201", "/flaky/hook"]
            return [(await client.post(path, json={"id": 1})).status_code for path in paths]

    assert run(main).result == [200, 201, 503]


# -- time ---------------------------------------------------------------------------------------

THREE = ["/users/1", "/posts?userId=1", "/todos?userId=1"]


async def _get(path, **options):
    async with api.client(**options) as client:
        return await client.get(path)


async def _gather(client, paths):
    return await asyncio.gather(*(client.get(path) for path in paths))


def test_three_requests_take_the_sum_one_by_one():
    async def main():
        async with api.client() as client:
            for path in THREE:
                await client.get(path)

    assert run(main).elapsed == 0.3


def test_three_requests_take_the_longest_together():
    async def main():
        async with api.client() as client:
            await _gather(client, THREE)

    assert run(main).elapsed == 0.1


def test_the_trace_calls_the_wait_http():
    trace = run(lambda: _get("/users/1")).trace
    assert [(wait.kind, wait.detail) for wait in trace.main.waits] == [("http", "GET /users/1")]


def test_latency_of_a_hundred_requests_adds_up_exactly():
    async def main():
        async with api.client(latency=0.1) as client:
            for number in range(100):
                await client.get(f"/posts/{number + 1}")

    assert run(main).elapsed == 10.0


def elapsed_of(path, **knobs):
    return run(lambda: _get(path, **knobs)).elapsed


def test_jitter_adds_whole_milliseconds_up_to_its_size():
    delays = [elapsed_of(f"/posts/{n}", latency=1, jitter=0.5) for n in range(1, 41)]
    assert all(1 <= delay <= 1.5 for delay in delays)
    assert len(set(delays)) > 30
    assert delays == [round(delay, 3) for delay in delays]
    assert delays == [elapsed_of(f"/posts/{n}", latency=1, jitter=0.5) for n in range(1, 41)]


def test_long_tail_strikes_as_often_as_its_rate():
    delays = [elapsed_of(f"/posts/{n}", tail_rate=0.25, tail=3) for n in range(1, 101)]
    assert set(delays) == {0.1, 3.1}
    assert 15 <= delays.count(3.1) <= 35


# -- limits -------------------------------------------------------------------------------------


def test_rate_refuses_with_retry_after_and_lets_the_patient_through():
    async def main():
        async with api.client(latency=0, rate=0.4, burst=2) as client:
            first = await _gather(client, ["/users/1"] * 3)
            await asyncio.sleep(int(first[2].headers["Retry-After"]))
            return first, await client.get("/users/1"), await client.get("/users/1")

    first, patient, next_one = run(main).result
    assert [response.status_code for response in first] == [200, 200, 429]
    assert first[2].headers["Retry-After"] == "3"  # 2.5 s in whole seconds
    assert first[2].json() == {"error": "Too many requests: the limit is 0.4 per second."}
    assert (patient.status_code, next_one.status_code) == (200, 429)


@pytest.mark.parametrize("rate", [3, 7, 10, 30])
def test_requests_at_exactly_the_rate_are_never_refused(rate):
    async def main():
        async with api.client(latency=0, rate=rate) as client:
            loop = asyncio.get_running_loop()
            statuses = []
            for number in range(200):
                await asyncio.sleep(number / rate - loop.time())
                statuses.append((await client.get("/users/1")).status_code)
            return set(statuses)

    assert run(main).result == {200}


def test_max_concurrent_refuses_what_is_too_much():
    async def main():
        async with api.client(max_concurrent=3) as client:
            together = await _gather(client, ["/users/1"] * 5)
            return together, await client.get("/users/1"), await api.stats(client)

    together, later, stats = run(main).result
    assert [response.status_code for response in together] == [200, 200, 200, 503, 503]
    sentence = "Too many requests at once: the limit is 3 in flight."
    assert together[4].json() == {"error": sentence}
    assert later.status_code == 200
    assert stats == api.Stats(requests=6, peak=3, answered=4, rejected=2)


def test_a_refusal_takes_the_latency():
    assert elapsed_of("/users/1", latency=0.2, max_concurrent=1) == 0.2

    async def main():
        async with api.client(latency=0.2, max_concurrent=1) as client:
            await _gather(client, ["/users/1"] * 2)
            return await client.get("/users/1")

    assert run(main).elapsed == 0.4


# -- faults -------------------------------------------------------------------------------------

PATHS = [f"/posts/{number}" for number in range(1, 101)]


@pytest.mark.parametrize(
    ("knob", "becomes"),
    [("failure_rate", 500), ("drop_rate", "RemoteProtocolError"), ("stall_rate", "ReadTimeout")],
)
def test_fault_strikes_as_often_as_its_rate(knob, becomes):
    never = outcomes(PATHS, concurrent=True, **{knob: 0})
    sometimes = outcomes(PATHS, concurrent=True, **{knob: 0.3})
    always = outcomes(PATHS, concurrent=True, **{knob: 1})
    assert set(never.values()) == {200}
    assert set(sometimes.values()) == {200, becomes}
    assert 20 <= list(sometimes.values()).count(becomes) <= 40
    assert set(always.values()) == {becomes}


FAULTS = {"failure_rate": 0.2, "drop_rate": 0.2, "stall_rate": 0.2, "jitter": 0.3}


def test_same_seed_same_failures_in_whatever_order():
    one_by_one = outcomes(PATHS, concurrent=False, **FAULTS)
    assert one_by_one == outcomes(PATHS, concurrent=True, **FAULTS)
    assert one_by_one == outcomes(PATHS[::-1], concurrent=False, **FAULTS)
    assert set(one_by_one.values()) == {200, 500, "RemoteProtocolError", "ReadTimeout"}


@pytest.mark.parametrize("change", [{"seed": 1}, {"key": "ada"}])
def test_another_seed_or_key_has_other_failures(change):
    assert outcomes(PATHS, concurrent=True, **FAULTS) != outcomes(
        PATHS, concurrent=True, **FAULTS, **change
    )


def test_a_retry_is_drawn_anew():
    statuses = [response.status_code for response in ask(*["/users/1"] * 30, failure_rate=0.5)]
    assert set(statuses) == {200, 500}


def test_a_higher_failure_rate_only_adds_failures():
    low = outcomes(PATHS, concurrent=True, failure_rate=0.2)
    high = outcomes(PATHS, concurrent=True, failure_rate=0.5, jitter=0.1)
    failed = {path for path in PATHS if low[path] == 500}
    assert failed < {path for path in PATHS if high[path] == 500}


def test_drop_is_the_error_that_a_socket_gives():
    async def main():
        async with api.client(drop_rate=1) as client:
            with pytest.raises(httpx.RemoteProtocolError) as caught:
                await client.get("/users/1")
            return caught.value

    run_ = run(main)
    assert str(run_.result) == "Server disconnected without sending a response."
    assert run_.result.request.url.path == "/users/1"
    assert run_.elapsed == 0.1


def test_stall_without_a_timeout_is_a_deadlock_that_names_the_request():
    run_ = run(lambda: _get("/users/1", stall_rate=1, timeout=None))
    assert isinstance(run_.exception, Deadlock)
    assert "GET /users/1" in str(run_.exception)


# -- the client ---------------------------------------------------------------------------------


def test_client_is_the_real_httpx_client():
    assert type(api.client()) is httpx.AsyncClient


@pytest.mark.parametrize("timeout", [0.05, httpx.Timeout(9, read=0.05)])
def test_read_timeout_of_one_call(timeout):
    async def main():
        async with api.client() as client:
            with pytest.raises(httpx.ReadTimeout) as caught:
                await client.get("/users/1?page=1", timeout=timeout)
            return str(caught.value), await api.stats(client)

    run_ = run(main)
    assert run_.elapsed == 0.05
    assert run_.result == (
        "no answer to GET /users/1?page=1 within 0.05 s",
        api.Stats(requests=1, peak=1, cancelled=1),
    )


def test_timeout_of_the_client_is_as_in_httpx():
    assert elapsed_of("/delay/4.9") == 4.9
    assert isinstance(run(lambda: _get("/delay/5.1")).exception, httpx.ReadTimeout)
    assert elapsed_of("/delay/60", timeout=None) == 60


def test_a_timeout_around_the_call_stays_a_timeout_error():
    async def main():
        async with api.client() as client, asyncio.timeout(0.05):
            await client.get("/users/1")

    assert type(run(main).exception) is TimeoutError


def test_cancelling_a_call_frees_its_slot():
    async def main():
        async with api.client(max_concurrent=1) as client:
            call = asyncio.create_task(client.get("/users/1"))
            await asyncio.sleep(0.05)
            before = await api.stats(client)
            call.cancel()
            await asyncio.wait([call])
            response = await client.get("/users/1")
            return call.cancelled(), before, response.status_code, await api.stats(client)

    assert run(main).result == (
        True,
        api.Stats(requests=1, in_flight=1, peak=1),
        200,
        api.Stats(requests=2, peak=1, answered=1, cancelled=1),
    )


@pytest.mark.parametrize("options", [{"app": api.create_app()}, {"base_url": "http://localhost:9"}])
def test_knobs_are_refused_for_an_api_that_exists(options):
    with pytest.raises(ValueError, match=r"^latency, seed: knobs belong to the API.*serve\(\)"):
        api.client(latency=1, seed=2, **options)


# -- counting -----------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_peak_proves_a_semaphore(limit):
    async def fetch(client, gate, number):
        async with gate:
            await client.get(f"/posts/{number}")

    async def main():
        async with api.client(jitter=0.05) as client:
            gate = asyncio.Semaphore(limit)
            await asyncio.gather(*(fetch(client, gate, n) for n in range(1, 21)))
            return await api.stats(client)

    assert run(main).result == api.Stats(requests=20, peak=limit, answered=20)


def test_asking_for_stats_and_knobs_takes_no_time_and_is_not_counted():
    async def main():
        async with api.client(failure_rate=1, max_concurrent=1, rate=1) as client:
            for path in ["/stats", "/stats/all", "/knobs", "/"] * 3:
                assert (await client.get(path)).status_code == 200
            return await api.stats(client)

    run_ = run(main)
    assert (run_.elapsed, run_.result) == (0.0, api.Stats())


def test_each_key_has_its_own_counts_and_knobs():
    async def main():
        app = api.create_app(api.Knobs(latency=0))
        async with api.client(app=app, key="ada") as ada, api.client(app=app, key="bob") as bob:
            await ada.patch("/knobs", json={"failure_rate": 1})
            statuses = [(await client.get("/users/1")).status_code for client in (ada, bob, bob)]
            return statuses, (await bob.get("/stats/all")).json()

    statuses, everyone = run(main).result
    assert statuses == [500, 200, 200]
    assert list(everyone) == ["ada", "bob"]
    assert (everyone["ada"]["failed"], everyone["bob"]["answered"]) == (1, 2)


def test_reset_forgets_everything_but_the_knobs_and_what_is_in_flight():
    async def main():
        async with api.client(rate=0.01, burst=2, failure_rate=0.5) as client:
            statuses = [(await client.get("/users/1")).status_code]
            call = asyncio.create_task(client.get("/delay/3"))
            await asyncio.sleep(1)
            during = (await client.post("/reset")).json()
            statuses.append((await client.get("/users/1")).status_code)
            await call
            return statuses, during, await api.stats(client)

    statuses, during, after = run(main).result
    assert statuses == [500, 500]  # the second request without the reset would be a 200
    assert during == {**_zeros(), "requests": 1, "in_flight": 1, "peak": 1}
    assert after.requests == after.peak == 2


def _zeros():
    return {field.name: 0 for field in fields(api.Stats)}


@pytest.mark.parametrize("seed", range(40))
def test_every_request_is_counted_exactly_once_whatever_goes_wrong(seed):
    random = Random(seed)
    knobs = {
        "failure_rate": random.random(),
        "drop_rate": random.random(),
        "stall_rate": random.random(),
        "jitter": random.uniform(0, 3),
        "rate": random.choice([None, 2, 20]),
        "max_concurrent": random.choice([None, 1, 5]),
        "seed": seed,
    }
    patience = [random.uniform(0, 3) for _ in range(12)]

    async def main():
        async with api.client(**knobs) as client:
            calls = [client.get("/users/1", timeout=seconds) for seconds in patience]
            waiting = asyncio.gather(*calls, return_exceptions=True)
            await asyncio.sleep(1)
            during = await api.stats(client)
            await waiting
            return during, await api.stats(client)

    during, after = run(main).result
    assert during.requests == after.requests == 12
    assert after.in_flight == 0
    for stats in (during, after):
        ends = [getattr(stats, f.name) for f in fields(stats) if f.name not in ("requests", "peak")]
        assert sum(ends) == stats.requests


# -- knobs --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("latency", -1, "a number of seconds, 0 or more, not -1"),
        ("jitter", "1", "a number of seconds, 0 or more, not '1'"),
        ("tail", float("inf"), "a number of seconds, 0 or more, not inf"),
        ("latency", float("nan"), "a number of seconds, 0 or more, not nan"),
        ("latency", True, "a number of seconds, 0 or more, not True"),
        ("tail_rate", 2, "a probability from 0 to 1, not 2"),
        ("failure_rate", 1.5, "a probability from 0 to 1, not 1.5"),
        ("drop_rate", -0.1, "a probability from 0 to 1, not -0.1"),
        ("stall_rate", None, "a probability from 0 to 1, not None"),
        ("rate", 0, "a number of requests per second, 0.001 or more, or None, not 0"),
        ("burst", 0, "a whole number, 1 or more, not 0"),
        ("burst", 1.5, "a whole number, 1 or more, not 1.5"),
        ("max_concurrent", 0, "a whole number, 1 or more, or None, not 0"),
        ("seed", 0.5, "a whole number, not 0.5"),
    ],
)
def test_knob_out_of_range_is_named_with_its_range(name, value, wanted):
    with pytest.raises(ValueError, match=name) as caught:
        api.Knobs(**{name: value})
    assert str(caught.value) == f"{name} must be {wanted}"


def test_unknown_knob_is_named_beside_the_known_ones():
    with pytest.raises(ValueError, match="there is no knob 'latncy'; there are: latency, jitter,"):
        api.client(latncy=1)


def test_patch_changes_knobs_and_put_also_puts_the_others_back():
    async def main():
        async with api.client(latency=0.5, seed=3) as client:
            await client.patch("/knobs", json={"jitter": 0.25})
            patched = (await client.get("/knobs")).json()
            await client.put("/knobs", json={"burst": 2})
            return patched, (await client.get("/knobs")).json()

    patched, put = run(main).result
    assert api.Knobs(**patched) == api.Knobs(latency=0.5, seed=3, jitter=0.25)
    assert api.Knobs(**put) == api.Knobs(latency=0.5, seed=3, burst=2)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b'{"latency": -1}', "latency must be a number of seconds, 0 or more, not -1."),
        (b'{"speed": 1}', "there is no knob 'speed'; there are: latency, jitter,"),
        (b"[1]", 'The body must be a JSON object of knobs, as in {"latency": 0.2}.'),
        (b"{", 'The body must be a JSON object of knobs, as in {"latency": 0.2}.'),
        (b"\xff", 'The body must be a JSON object of knobs, as in {"latency": 0.2}.'),
    ],
)
def test_bad_knobs_over_http_change_nothing(body, sentence):
    async def main():
        async with api.client(latency=0.5) as client:
            response = await client.put("/knobs", content=body)
            return response, (await client.get("/knobs")).json()

    response, knobs = run(main).result
    assert response.status_code == 400
    assert response.json()["error"].startswith(sentence)
    assert api.Knobs(**knobs) == api.Knobs(latency=0.5)


def test_bucket_starts_full_when_the_clock_starts_again():
    bucket = Bucket()
    assert bucket.wait(50.0, 1, 1) == 0
    assert bucket.wait(50.5, 1, 1) == 0.5
    assert bucket.wait(0.0, 1, 1) == 0
