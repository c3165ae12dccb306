"""Answers to the exercises of lesson 11."""

# ruff: noqa: BLE001 - people do catch everything

import asyncio
import random
from collections import Counter

import httpx

from . import right, wrong

FAILURES = (httpx.HTTPError, TimeoutError)


# -- longest_hold --------------------------------------------------------------------------


@wrong("longest_hold", "pauses forgotten")
def counts_the_tries_only(tries, patience, pause):
    return tries * patience


@wrong("longest_hold", "pause after the last")
def pauses_after_each_try(tries, patience, pause):
    return sum(patience + pause * 2**nth for nth in range(tries))


@wrong("longest_hold", "pauses alike")
def forgets_the_doubling(tries, patience, pause):
    return tries * patience + (tries - 1) * pause


@wrong("longest_hold", "one limit for all tries")
def takes_the_limit_for_all(tries, patience, pause):
    return patience


@wrong("longest_hold", "measured")
def doubles_the_patience_too(tries, patience, pause):
    return sum((patience + pause) * 2**nth for nth in range(tries))


@right("longest_hold")
def uses_a_formula(tries, patience, pause):
    return tries * patience + pause * (2 ** (tries - 1) - 1)


# -- gauge_reading -------------------------------------------------------------------------


@wrong("gauge_reading", "error page")
async def takes_any_answer(client, gauge, tries):
    response = await client.get(f"/gauges/{gauge}")
    return response.json()


@wrong("gauge_reading", "error page")
async def takes_what_comes_last(client, gauge, tries):
    for nth in range(tries):
        response = await client.get(f"/gauges/{gauge}")
        if response.status_code == 200 or nth + 1 == tries:
            return response.json()
        await asyncio.sleep(int(response.headers["Retry-After"]))
    return None


@wrong("gauge_reading", "asked too little")
async def asks_somebody_else(client, gauge, tries):
    return (await client.get(f"/gauge/{gauge}")).json()


@wrong("gauge_reading", "told in vain")
async def asks_again_at_once(client, gauge, tries):
    for _ in range(tries):
        response = await client.get(f"/gauges/{gauge}")
        if response.status_code != 429:
            return response.json()
    return None


@wrong("gauge_reading", "told in vain")
async def knows_better_than_the_gauge(client, gauge, tries):
    for nth in range(tries):
        response = await client.get(f"/gauges/{gauge}")
        if response.status_code != 429:
            return response.json()
        if nth + 1 < tries:
            await asyncio.sleep(2**nth)
    return None


@wrong("gauge_reading", "told in vain")
async def adds_a_second_to_be_sure(client, gauge, tries):
    for nth in range(tries):
        response = await client.get(f"/gauges/{gauge}")
        if response.status_code != 429:
            return response.json()
        if nth + 1 < tries:
            await asyncio.sleep(int(response.headers["Retry-After"]) + 1)
    return None


@wrong("gauge_reading", "pause after the last")
async def waits_after_the_last(client, gauge, tries):
    for _ in range(tries):
        response = await client.get(f"/gauges/{gauge}")
        if response.status_code == 200:
            return response.json()
        await asyncio.sleep(int(response.headers["Retry-After"]))
    return None


@wrong("gauge_reading", "no second try")
async def takes_no_for_an_answer(client, gauge, tries):
    response = await client.get(f"/gauges/{gauge}")
    return response.json() if response.status_code == 200 else None


@wrong("gauge_reading", "repetitions counted")
async def asks_once_more(client, gauge, tries):
    for nth in range(tries + 1):
        response = await client.get(f"/gauges/{gauge}")
        if response.status_code == 200:
            return response.json()
        if nth < tries:
            await asyncio.sleep(int(response.headers["Retry-After"]))
    return None


@wrong("gauge_reading", "repetitions counted")
async def counts_from_one(client, gauge, tries):
    for nth in range(1, tries):
        response = await client.get(f"/gauges/{gauge}")
        if response.status_code != 429:
            return response.json()
        if nth + 1 < tries:
            await asyncio.sleep(int(response.headers["Retry-After"]))
    return None


@wrong("gauge_reading", "blocked loop")
async def waits_with_the_loop(client, gauge, tries):
    import time

    for nth in range(tries):
        response = await client.get(f"/gauges/{gauge}")
        if response.status_code == 200:
            return response.json()
        if nth + 1 < tries:
            time.sleep(int(response.headers["Retry-After"]))
    return None


@wrong("gauge_reading", "never awaited")
async def forgets_to_await_the_pause(client, gauge, tries):
    for _ in range(tries):
        response = await client.get(f"/gauges/{gauge}")
        if response.status_code == 200:
            return response.json()
        asyncio.sleep(int(response.headers["Retry-After"]))
    return None


@right("gauge_reading")
async def raises_and_catches(client, gauge, tries):
    left = tries
    while True:
        left -= 1
        try:
            response = await client.get(f"/gauges/{gauge}")
            return response.raise_for_status().json()
        except httpx.HTTPStatusError as error:
            if not left:
                return None
            await asyncio.sleep(float(error.response.headers["retry-after"]))


@right("gauge_reading")
async def leaves_a_generator_halfway(client, gauge, tries):
    async def readings():
        for left in reversed(range(tries)):
            yield (response := await client.get(f"/gauges/{gauge}"))
            if left:
                await asyncio.sleep(int(response.headers["Retry-After"]))

    async for response in readings():
        if response.status_code != 429:
            return response.json()
    return None


@right("gauge_reading")
async def calls_itself(client, gauge, tries):
    response = await client.get(f"/gauges/{gauge}")
    if response.is_success:
        return response.json()
    if tries == 1:
        return None
    await asyncio.sleep(int(response.headers["Retry-After"]))
    return await calls_itself(client, gauge, tries - 1)


# -- ring_again ----------------------------------------------------------------------------


@wrong("ring_again", "request swallowed")
def catches_everything():
    return "3 6> 5>> 1>> 7>>> 4>> 8>>> 2>"


@wrong("ring_again", "no backoff")
def pauses_afterwards():
    return "3 6> 1>> 7>>> 9>> 8>>> 5>> 2>"


@wrong("ring_again", "no backoff")
def pauses_where_it_catches():
    return "3 6> 1>> 7>>> 9>> 8>>> 5>>> 2>"


@wrong("ring_again", "no second try")
def raises_within_the_loop():
    return "3 6> 5>> 1>> 7>>> 9>> 8>>> 2>>"


@wrong("ring_again", "no second try")
def raises_where_it_catches():
    return "3 6> 5>> 1>> 7>>> 9>> 8>>> 2>>>"


@wrong("ring_again", "no second try")
def tries_around_the_loop():
    return "3 1> 6>> 5>>> 7>>> 9> 8>> 2>"


@wrong("ring_again", "failure lost")
def forgets_to_raise():
    return "3 6> 5>> 1>> 7>>> 9>> 8>>>"


@right("ring_again")
def pauses_within_the_try():
    return "3 6> 1>> 5>>> 7>>> 9>> 8>>> 2>"


# -- closing_time --------------------------------------------------------------------------


@wrong("closing_time", "request swallowed")
async def posts_and_stays(ask, names, post):
    texts = {}

    async def call(name):
        try:
            texts[name] = await ask(name)
        except Exception:
            pass

    try:
        await asyncio.gather(*map(call, names))
    except asyncio.CancelledError:
        print("called off")
    post(texts)


@wrong("closing_time", "request swallowed")
async def returns_from_the_finally(ask, names, post):
    texts = {}

    async def call(name):
        try:
            texts[name] = await ask(name)
        except Exception:
            pass

    try:
        await asyncio.gather(*map(call, names))
    except BaseException:
        return
    finally:
        post(texts)


@wrong("closing_time", "lost with the stop")
async def reads_the_results_of_the_gather(ask, names, post):
    texts = {}
    try:
        outcomes = await asyncio.gather(*map(ask, names), return_exceptions=True)
        pairs = zip(names, outcomes, strict=True)
        texts = {name: text for name, text in pairs if not isinstance(text, Exception)}
    finally:
        post(texts)


@wrong("closing_time", "lost with the stop")
async def posts_at_the_end_only(ask, names, post):
    texts = {}

    async def call(name):
        try:
            texts[name] = await ask(name)
        except Exception:
            pass

    await asyncio.gather(*map(call, names))
    post(texts)


@wrong("closing_time", "one failure loses all")
async def lets_a_failure_out(ask, names, post):
    texts = {}

    async def call(name):
        texts[name] = await ask(name)

    try:
        await asyncio.gather(*map(call, names))
    finally:
        post(texts)


@wrong("closing_time", "one failure loses all")
async def catches_behind_the_group(ask, names, post):
    texts = {}

    async def call(name):
        texts[name] = await ask(name)

    try:
        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(call(name))
    except* Exception as failures:
        print(failures)
    finally:
        post(texts)


@wrong("closing_time", "wrong result")
async def posts_nothing_for_a_failure(ask, names, post):
    texts = {}

    async def call(name):
        try:
            texts[name] = await ask(name)
        except Exception:
            texts[name] = None

    try:
        await asyncio.gather(*map(call, names))
    finally:
        post(texts)


@wrong("closing_time", "wrong result")
async def posts_a_list(ask, names, post):
    texts = []

    async def call(name):
        try:
            texts.append(await ask(name))
        except Exception:
            pass

    try:
        await asyncio.gather(*map(call, names))
    finally:
        post(texts)


@wrong("closing_time", "leaked")
async def leaves_the_calls_alone(ask, names, post):
    tasks = {name: asyncio.create_task(ask(name)) for name in names}
    try:
        await asyncio.wait(tasks.values())
    finally:
        done = {name: task for name, task in tasks.items() if task.done()}
        post({name: task.result() for name, task in done.items() if not task.exception()})


@wrong("closing_time", "cancelled, not awaited")
async def asks_to_stop_and_goes(ask, names, post):
    tasks = {name: asyncio.create_task(ask(name)) for name in names}
    try:
        await asyncio.wait(tasks.values())
    finally:
        done = {name: task for name, task in tasks.items() if task.done()}
        post({name: task.result() for name, task in done.items() if not task.exception()})
        for task in tasks.values():
            task.cancel()


@wrong("closing_time", "exception as result")
async def posts_the_exceptions(ask, names, post):
    texts = {}

    async def call(name):
        try:
            texts[name] = await ask(name)
        except Exception as error:
            texts[name] = error

    try:
        await asyncio.gather(*map(call, names))
    finally:
        post(texts)


@wrong("closing_time", "one by one")
async def calls_in_turn(ask, names, post):
    texts = {}
    try:
        for name in names:
            try:
                texts[name] = await ask(name)
            except Exception:
                pass
    finally:
        post(texts)


@wrong("closing_time", "wrong result")
async def posts_twice(ask, names, post):
    texts = {}

    async def call(name):
        try:
            texts[name] = await ask(name)
        except Exception:
            pass

    try:
        await asyncio.gather(*map(call, names))
    except asyncio.CancelledError:
        post(texts)
        raise
    finally:
        post(texts)


@right("closing_time")
async def uses_a_task_group(ask, names, post):
    texts = {}

    async def call(name):
        try:
            texts[name] = await ask(name)
        except Exception:
            return

    try:
        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(call(name))
    except asyncio.CancelledError:
        post(texts)
        raise
    post(texts)


@right("closing_time")
async def reads_the_tasks(ask, names, post):
    tasks = {name: asyncio.create_task(ask(name)) for name in names}
    try:
        await asyncio.gather(*tasks.values(), return_exceptions=True)
    finally:
        ended = {n: t for n, t in tasks.items() if not t.cancelled() and not t.exception()}
        post({name: task.result() for name, task in ended.items()})


# -- night_copy ----------------------------------------------------------------------------


def pause_after(error, nth):
    response = getattr(error, "response", None)
    told = response.headers.get("Retry-After") if response else None
    shortest = float(told) if told else 0.1 * 2**nth
    return shortest + random.uniform(0, 0.1 * 2**nth)


def is_gone(error):
    response = getattr(error, "response", None)
    return response is not None and response.status_code == 404


async def attempt(client, path, patience):
    async with asyncio.timeout(patience):
        response = await client.get(path)
    return response.raise_for_status().json()


async def persist(client, path, tries, patience, *, once=attempt, pause=pause_after, gone=is_gone):
    for nth in range(tries):
        try:
            return await once(client, path, patience)
        except FAILURES as error:
            if nth + 1 == tries or gone(error):
                raise
            await asyncio.sleep(pause(error, nth))
    raise RuntimeError("no tries")


async def note(outcomes, path, getting):
    try:
        outcomes[path] = await getting
    except FAILURES as error:
        outcomes[path] = error


async def by_workers(paths, limit, work):
    waiting = iter(paths)

    async def worker():
        for path in waiting:
            await work(path)

    async with asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(worker())


@wrong("night_copy", "unbounded")
async def asks_for_everything(client, paths, outcomes, limit, tries, patience):
    gets = (note(outcomes, p, persist(client, p, tries, patience)) for p in paths)
    await asyncio.gather(*gets)


@wrong("night_copy", "fresh semaphore")
async def makes_a_semaphore_each(client, paths, outcomes, limit, tries, patience):
    async def work(path):
        async with asyncio.Semaphore(limit):
            await note(outcomes, path, persist(client, path, tries, patience))

    await asyncio.gather(*map(work, paths))


@wrong("night_copy", "one by one")
async def copies_one_after_the_other(client, paths, outcomes, limit, tries, patience):
    for path in paths:
        await note(outcomes, path, persist(client, path, tries, patience))


@wrong("night_copy", "batches")
async def copies_in_batches(client, paths, outcomes, limit, tries, patience):
    for start in range(0, len(paths), limit):
        some = paths[start : start + limit]
        gets = (note(outcomes, p, persist(client, p, tries, patience)) for p in some)
        await asyncio.gather(*gets)


@wrong("night_copy", "pause after the last")
async def pauses_after_the_last(client, paths, outcomes, limit, tries, patience):
    async def work(path):
        for nth in range(tries):
            await note(outcomes, path, attempt(client, path, patience))
            error = outcomes[path]
            if not isinstance(error, Exception) or is_gone(error):
                return
            await asyncio.sleep(pause_after(error, nth))

    await by_workers(paths, limit, work)


@wrong("night_copy", "one failure loses all")
async def lets_failures_out(client, paths, outcomes, limit, tries, patience):
    async def work(path):
        outcomes[path] = await persist(client, path, tries, patience)

    await by_workers(paths, limit, work)


@wrong("night_copy", "never gives up")
async def waits_for_ever(client, paths, outcomes, limit, tries, patience):
    async def once(client, path, patience):
        return (await client.get(path)).raise_for_status().json()

    async def work(path):
        await note(outcomes, path, persist(client, path, tries, patience, once=once))

    await by_workers(paths, limit, work)


@wrong("night_copy", "never gives up")
async def trusts_the_limit_of_the_client(client, paths, outcomes, limit, tries, patience):
    async def once(client, path, patience):
        return (await client.get(path, timeout=patience)).raise_for_status().json()

    async def work(path):
        await note(outcomes, path, persist(client, path, tries, patience, once=once))

    await by_workers(paths, limit, work)


@wrong("night_copy", "one limit for all tries")
async def limits_all_the_tries(client, paths, outcomes, limit, tries, patience):
    async def once(client, path, patience):
        return (await client.get(path)).raise_for_status().json()

    async def limited(path):
        async with asyncio.timeout(patience):
            return await persist(client, path, tries, patience, once=once)

    async def work(path):
        await note(outcomes, path, limited(path))

    await by_workers(paths, limit, work)


@wrong("night_copy", "queueing counts")
async def limits_the_queue_too(client, paths, outcomes, limit, tries, patience):
    places = asyncio.Semaphore(limit)

    async def once(client, path, patience):
        async with asyncio.timeout(patience), places:
            return (await client.get(path)).raise_for_status().json()

    gets = (note(outcomes, p, persist(client, p, tries, patience, once=once)) for p in paths)
    await asyncio.gather(*gets)


@wrong("night_copy", "no second try")
async def tries_once(client, paths, outcomes, limit, tries, patience):
    async def work(path):
        await note(outcomes, path, attempt(client, path, patience))

    await by_workers(paths, limit, work)


@wrong("night_copy", "retried in vain")
async def repeats_whatever_fails(client, paths, outcomes, limit, tries, patience):
    async def work(path):
        getting = persist(client, path, tries, patience, gone=lambda _: False)
        await note(outcomes, path, getting)

    await by_workers(paths, limit, work)


@wrong("night_copy", "repetitions counted")
async def counts_the_repetitions(client, paths, outcomes, limit, tries, patience):
    async def work(path):
        await note(outcomes, path, persist(client, path, tries + 1, patience))

    await by_workers(paths, limit, work)


@wrong("night_copy", "told in vain")
async def asks_again_at_once_without_pause(client, paths, outcomes, limit, tries, patience):
    async def work(path):
        getting = persist(client, path, tries, patience, pause=lambda _, nth: 0)
        await note(outcomes, path, getting)

    await by_workers(paths, limit, work)


@wrong("night_copy", "told in vain")
async def doubles_and_hears_nothing(client, paths, outcomes, limit, tries, patience):
    def pause(error, nth):
        return 0.1 * 2**nth * random.uniform(1, 2)

    async def work(path):
        await note(outcomes, path, persist(client, path, tries, patience, pause=pause))

    await by_workers(paths, limit, work)


@wrong("night_copy", "no backoff")
async def pauses_only_when_told(client, paths, outcomes, limit, tries, patience):
    def pause(error, nth):
        response = getattr(error, "response", None)
        told = float(response.headers.get("Retry-After", 0)) if response else 0
        return told + random.uniform(0, 0.01)

    async def work(path):
        await note(outcomes, path, persist(client, path, tries, patience, pause=pause))

    await by_workers(paths, limit, work)


@wrong("night_copy", "no backoff")
async def pauses_equally_long(client, paths, outcomes, limit, tries, patience):
    async def work(path):
        getting = persist(client, path, tries, patience, pause=lambda e, _: pause_after(e, 0))
        await note(outcomes, path, getting)

    await by_workers(paths, limit, work)


@wrong("night_copy", "no jitter")
async def comes_back_on_the_dot(client, paths, outcomes, limit, tries, patience):
    def pause(error, nth):
        response = getattr(error, "response", None)
        told = response.headers.get("Retry-After") if response else None
        return float(told) if told else 0.1 * 2**nth

    async def work(path):
        await note(outcomes, path, persist(client, path, tries, patience, pause=pause))

    await by_workers(paths, limit, work)


@wrong("night_copy", "no jitter")
async def comes_back_on_the_dot_with_a_semaphore(client, paths, outcomes, limit, tries, patience):
    places = asyncio.Semaphore(limit)

    async def once(client, path, patience):
        async with places:
            return await attempt(client, path, patience)

    def pause(error, nth):
        response = getattr(error, "response", None)
        told = response.headers.get("Retry-After") if response else None
        return float(told) if told else 0.1 * 2**nth

    gets = (
        note(outcomes, p, persist(client, p, tries, patience, once=once, pause=pause))
        for p in paths
    )
    await asyncio.gather(*gets)


@wrong("night_copy", "over the limit")
async def has_a_worker_too_many(client, paths, outcomes, limit, tries, patience):
    async def work(path):
        await note(outcomes, path, persist(client, path, tries, patience))

    await by_workers(paths, limit + 1, work)


@wrong("night_copy", "too few permits")
async def has_a_worker_too_few(client, paths, outcomes, limit, tries, patience):
    async def work(path):
        await note(outcomes, path, persist(client, path, tries, patience))

    await by_workers(paths, limit - 1, work)


@wrong("night_copy", "one limit for all tries")
async def pauses_within_the_limit(client, paths, outcomes, limit, tries, patience):
    async def once(path, nth):
        async with asyncio.timeout(patience):
            try:
                response = await client.get(path)
                return response.raise_for_status().json()
            except httpx.HTTPError as error:
                if not is_gone(error) and nth + 1 < tries:
                    await asyncio.sleep(pause_after(error, nth))
                return error

    async def work(path):
        for nth in range(tries):
            await note(outcomes, path, once(path, nth))
            if not isinstance(outcomes[path], Exception) or is_gone(outcomes[path]):
                return

    await by_workers(paths, limit, work)


@wrong("night_copy", "response kept")
async def keeps_responses(client, paths, outcomes, limit, tries, patience):
    async def once(client, path, patience):
        async with asyncio.timeout(patience):
            return (await client.get(path)).raise_for_status()

    async def work(path):
        await note(outcomes, path, persist(client, path, tries, patience, once=once))

    await by_workers(paths, limit, work)


@wrong("night_copy", "wrong result")
async def keeps_the_first_failure(client, paths, outcomes, limit, tries, patience):
    async def work(path):
        first = None
        for nth in range(tries):
            await note(outcomes, path, attempt(client, path, patience))
            error = outcomes[path]
            if not isinstance(error, Exception):
                return
            outcomes[path] = first = first or error
            if is_gone(error) or nth + 1 == tries:
                return
            await asyncio.sleep(pause_after(error, nth))

    await by_workers(paths, limit, work)


@wrong("night_copy", "error page")
async def keeps_error_pages(client, paths, outcomes, limit, tries, patience):
    async def once(client, path, patience):
        async with asyncio.timeout(patience):
            return (await client.get(path)).json()

    async def work(path):
        await note(outcomes, path, persist(client, path, tries, patience, once=once))

    await by_workers(paths, limit, work)


@wrong("night_copy", "failure lost")
async def leaves_out_what_failed(client, paths, outcomes, limit, tries, patience):
    async def work(path):
        try:
            outcomes[path] = await persist(client, path, tries, patience)
        except FAILURES as error:
            print(path, error)

    await by_workers(paths, limit, work)


@wrong("night_copy", "lost with the stop")
async def fills_in_at_the_end(client, paths, outcomes, limit, tries, patience):
    found = {}

    async def work(path):
        await note(found, path, persist(client, path, tries, patience))

    await by_workers(paths, limit, work)
    outcomes.update(found)


@wrong("night_copy", "request swallowed")
async def takes_a_stop_for_a_failure(client, paths, outcomes, limit, tries, patience):
    async def work(path):
        try:
            outcomes[path] = await persist(client, path, tries, patience)
        except BaseException as error:
            outcomes[path] = error

    await by_workers(paths, limit, work)


@wrong("night_copy", "request swallowed")
async def returns_when_stopped(client, paths, outcomes, limit, tries, patience):
    async def work(path):
        await note(outcomes, path, persist(client, path, tries, patience))

    try:
        await by_workers(paths, limit, work)
    except asyncio.CancelledError:
        print("stopped")


@wrong("night_copy", "cancelled is an answer")
async def notes_who_was_stopped(client, paths, outcomes, limit, tries, patience):
    async def work(path):
        try:
            outcomes[path] = await persist(client, path, tries, patience)
        except BaseException as error:
            outcomes[path] = error
            if not isinstance(error, Exception):
                raise

    await by_workers(paths, limit, work)


@wrong("night_copy", "leaked")
async def leaves_its_workers(client, paths, outcomes, limit, tries, patience):
    waiting = iter(paths)

    async def worker():
        for path in waiting:
            await note(outcomes, path, persist(client, path, tries, patience))

    await asyncio.wait([asyncio.create_task(worker()) for _ in range(limit)])


@right("night_copy")
async def gives_its_place_away_in_a_pause(client, paths, outcomes, limit, tries, patience):
    places = asyncio.Semaphore(limit)

    async def once(client, path, patience):
        async with places:
            return await attempt(client, path, patience)

    gets = (note(outcomes, p, persist(client, p, tries, patience, once=once)) for p in paths)
    await asyncio.gather(*gets)


@right("night_copy")
async def keeps_its_place_with_wait_for(client, paths, outcomes, limit, tries, patience):
    places = asyncio.BoundedSemaphore(limit)

    async def once(path, pause):
        try:
            response = await asyncio.wait_for(client.get(path), patience)
        except (httpx.TransportError, TimeoutError) as error:
            outcomes[path] = error
            return pause
        if response.status_code == 200:
            outcomes[path] = response.json()
            return None
        outcomes[path] = RuntimeError(f"status {response.status_code}")
        told = response.headers.get("Retry-After", pause)
        return None if response.status_code == 404 else float(told)

    async def copy(path):
        async with places:
            for nth in range(tries):
                told = await once(path, 0.1 * 2**nth)
                if told is None or nth + 1 == tries:
                    return
                await asyncio.sleep(told * random.uniform(1, 1.5))

    async with asyncio.TaskGroup() as group:
        for path in paths:
            group.create_task(copy(path))


@right("night_copy")
async def puts_failures_back_into_the_queue(client, paths, outcomes, limit, tries, patience):
    queue, made = asyncio.Queue(), Counter()
    loop = asyncio.get_running_loop()
    for path in paths:
        queue.put_nowait(path)

    def put_back(path):
        queue.put_nowait(path)
        queue.task_done()

    async def worker():
        while True:
            path = await queue.get()
            made[path] += 1
            try:
                outcomes[path] = await attempt(client, path, patience)
            except FAILURES as error:
                if made[path] < tries and not is_gone(error):
                    later = pause_after(error, made[path] - 1)
                    loop.call_later(later, put_back, path)
                    continue
                outcomes[path] = error
            queue.task_done()

    workers = [asyncio.create_task(worker()) for _ in range(limit)]
    try:
        await queue.join()
    finally:
        for task in workers:
            task.cancel()
        await asyncio.wait(workers)
