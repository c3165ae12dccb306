"""Answers to the exercises of lesson 06."""

# ruff: noqa: BLE001 - people do catch everything

import asyncio
import math
from collections import deque

from . import right, wrong


async def fetch(client, path):
    response = await client.get(path)
    return response.json()


# -- archive_total -------------------------------------------------------------------------


@wrong("archive_total", "sum expected")
def everything_adds_up(calls, limit, delay):
    return calls * delay


@wrong("archive_total", "queue forgotten")
def all_wait_together(calls, limit, delay):
    return delay


@wrong("archive_total", "part of a round")
def permits_share_the_work(calls, limit, delay):
    return calls / limit * delay


@wrong("archive_total", "part of a round")
def the_last_round_is_left_out(calls, limit, delay):
    return calls // limit * delay


@wrong("archive_total", "measured")
def there_is_always_one_round_more(calls, limit, delay):
    return (calls // limit + 1) * delay


@wrong("archive_total", "measured")
def counts_the_rounds_only(calls, limit, delay):
    return math.ceil(calls / limit)


@wrong("archive_total", "part of a round")
def rounds_to_the_nearest(calls, limit, delay):
    return round(calls / limit) * delay


@right("archive_total")
def takes_the_round_of_the_last_call(calls, limit, delay):
    return (1 + (calls - 1) // limit) * delay


@right("archive_total")
def plays_it_through(calls, limit, delay):
    free = [0.0] * limit
    for _ in range(calls):
        free.sort()
        free[0] += delay
    return max(free)


# -- portraits -----------------------------------------------------------------------------


def _paths(skippers):
    return [f"/portraits/{skipper}" for skipper in skippers]


@wrong("portraits", "fresh semaphore")
async def makes_a_semaphore_in_each_call(client, skippers, limit):
    async def portrait(skipper):
        async with asyncio.Semaphore(limit):
            return await fetch(client, f"/portraits/{skipper}")

    return await asyncio.gather(*map(portrait, skippers))


@wrong("portraits", "over the limit")
async def holds_one_permit_around_the_gather(client, skippers, limit):
    async with asyncio.Semaphore(limit):
        return await asyncio.gather(*(fetch(client, path) for path in _paths(skippers)))


@wrong("portraits", "over the limit")
async def asks_below_the_block(client, skippers, limit):
    permits = asyncio.Semaphore(limit)

    async def portrait(skipper):
        async with permits:
            path = f"/portraits/{skipper}"
        return await fetch(client, path)

    return await asyncio.gather(*map(portrait, skippers))


@wrong("portraits", "over the limit")
async def makes_a_permit_for_everybody(client, skippers, limit):
    permits = asyncio.Semaphore(len(skippers))

    async def portrait(skipper):
        async with permits:
            return await fetch(client, f"/portraits/{skipper}")

    return await asyncio.gather(*map(portrait, skippers))


@wrong("portraits", "unbounded")
async def has_no_limit(client, skippers, limit):
    return await asyncio.gather(*(fetch(client, path) for path in _paths(skippers)))


@wrong("portraits", "too few permits")
async def gives_the_semaphore_no_number(client, skippers, limit):
    permits = asyncio.Semaphore()

    async def portrait(skipper):
        async with permits:
            return await fetch(client, f"/portraits/{skipper}")

    return await asyncio.gather(*map(portrait, skippers))


@wrong("portraits", "too few permits")
async def takes_a_lock(client, skippers, limit):
    permit = asyncio.Lock()

    async def portrait(skipper):
        async with permit:
            return await fetch(client, f"/portraits/{skipper}")

    return await asyncio.gather(*map(portrait, skippers))


@wrong("portraits", "too few permits")
async def writes_the_number_down(client, skippers, limit):
    permits = asyncio.Semaphore(2)

    async def portrait(skipper):
        async with permits:
            return await fetch(client, f"/portraits/{skipper}")

    return await asyncio.gather(*map(portrait, skippers))


@wrong("portraits", "returned a coroutine")
async def returns_without_awaiting(client, skippers, limit):
    permits = asyncio.Semaphore(limit)

    async def portrait(skipper):
        async with permits:
            return fetch(client, f"/portraits/{skipper}")

    return await asyncio.gather(*map(portrait, skippers))


@wrong("portraits", "nothing to enter")
async def calls_acquire_in_the_block(client, skippers, limit):
    permits = asyncio.Semaphore(limit)

    async def portrait(skipper):
        async with permits.acquire():
            return await fetch(client, f"/portraits/{skipper}")

    return await asyncio.gather(*map(portrait, skippers))


@wrong("portraits", "batches")
async def goes_in_batches(client, skippers, limit):
    answers = []
    for start in range(0, len(skippers), limit):
        paths = _paths(skippers[start : start + limit])
        answers += await asyncio.gather(*(fetch(client, path) for path in paths))
    return answers


@wrong("portraits", "one by one")
async def holds_a_permit_around_the_loop(client, skippers, limit):
    async with asyncio.Semaphore(limit):
        return [await fetch(client, path) for path in _paths(skippers)]


@wrong("portraits", "permit held")
async def has_a_lock_beside_the_permits(client, skippers, limit):
    permits, gate = asyncio.Semaphore(limit), asyncio.Lock()

    async def portrait(skipper):
        async with gate, permits:
            return await fetch(client, f"/portraits/{skipper}")

    return await asyncio.gather(*map(portrait, skippers))


@wrong("portraits", "given back twice")
async def gives_back_by_hand_too(client, skippers, limit):
    permits = asyncio.Semaphore(limit)

    async def portrait(skipper):
        async with permits:
            answer = await fetch(client, f"/portraits/{skipper}")
            permits.release()
            return answer

    return await asyncio.gather(*map(portrait, skippers))


@wrong("portraits", "finish order")
async def appends_what_has_come(client, skippers, limit):
    permits, found = asyncio.Semaphore(limit), []

    async def portrait(skipper):
        async with permits:
            found.append(await fetch(client, f"/portraits/{skipper}"))

    await asyncio.gather(*map(portrait, skippers))
    return found


@wrong("portraits", "deadlock")
async def asks_for_a_permit_inside_of_one(client, skippers, limit):
    permits = asyncio.Semaphore(limit)

    async def bounded(path):
        async with permits:
            return await fetch(client, path)

    async def portrait(skipper):
        async with permits:
            return await bounded(f"/portraits/{skipper}")

    return await asyncio.gather(*map(portrait, skippers))


@wrong("portraits", "nothing to enter")
async def takes_the_number_for_a_semaphore(client, skippers, limit):
    async def portrait(skipper):
        async with limit:
            return await fetch(client, f"/portraits/{skipper}")

    return await asyncio.gather(*map(portrait, skippers))


@wrong("portraits", "asked elsewhere")
async def forgets_the_f_of_the_path(client, skippers, limit):
    permits = asyncio.Semaphore(limit)

    async def portrait(skipper):
        async with permits:
            return (await client.get("/portraits/{skipper}")).json()

    return await asyncio.gather(*map(portrait, skippers))


@wrong("portraits", "too few permits")
async def has_a_worker_too_few(client, skippers, limit):
    waiting, found = iter(skippers), {}

    async def worker():
        for skipper in waiting:
            found[skipper] = await fetch(client, f"/portraits/{skipper}")

    await asyncio.gather(*(worker() for _ in range(limit - 1)))
    return [found[skipper] for skipper in skippers]


@right("portraits")
async def has_workers_and_a_queue(client, skippers, limit):
    answers, queue = {}, asyncio.Queue()
    for path in _paths(skippers):
        queue.put_nowait(path)

    async def work():
        while True:
            path = await queue.get()
            answers[path] = await fetch(client, path)
            queue.task_done()

    workers = [asyncio.create_task(work()) for _ in range(limit)]
    await queue.join()
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    return [answers[path] for path in _paths(skippers)]


@right("portraits")
async def moves_a_window_along(client, skippers, limit):
    tasks, window = [], set()
    for path in _paths(skippers):
        if len(window) == limit:
            _, window = await asyncio.wait(window, return_when=asyncio.FIRST_COMPLETED)
        tasks.append(asyncio.create_task(fetch(client, path)))
        window.add(tasks[-1])
    return [await task for task in tasks]


@right("portraits")
async def counts_under_a_condition(client, skippers, limit):
    free, changed = limit, asyncio.Condition()

    async def portrait(path):
        nonlocal free
        async with changed:
            await changed.wait_for(lambda: free > 0)
            free -= 1
        try:
            return await fetch(client, path)
        finally:
            async with changed:
                free += 1
                changed.notify()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(portrait(path)) for path in _paths(skippers)]
    return [task.result() for task in tasks]


@right("portraits")
async def acquires_before_it_makes_a_task(client, skippers, limit):
    permits, tasks = asyncio.BoundedSemaphore(limit), []
    for path in _paths(skippers):
        await permits.acquire()
        tasks.append(asyncio.create_task(fetch(client, path)))
        tasks[-1].add_done_callback(lambda _: permits.release())
    return await asyncio.gather(*tasks)


@right("portraits")
async def takes_permits_out_of_a_queue(client, skippers, limit):
    permits = asyncio.Queue(limit)

    async def portrait(path):
        await permits.put(path)
        try:
            return await fetch(client, path)
        finally:
            permits.get_nowait()

    return await asyncio.gather(*map(portrait, _paths(skippers)))


# -- proof_reading -------------------------------------------------------------------------


@wrong("proof_reading", "each from the start")
def gives_every_reader_the_whole_pile():
    return "3 7> 8> 4>> 5>>> 2> 6>"


@wrong("proof_reading", "called too often")
def starts_the_readers_for_each_page():
    return "3 7> 4> 8>> 5>>> 2>> 6>"


@wrong("proof_reading", "asked too little")
def starts_nobody():
    return "3 7> 8> 1>> 5>>> 6>"


@wrong("proof_reading", "asked too little")
def starts_the_readers_in_the_reader():
    return "3 7> 8> 1>> 5>>> 2>> 6>"


@wrong("proof_reading", "one by one")
def reads_all_alone():
    return "3 7> 1> 5>> 6>"


@wrong("proof_reading", "unknown name")
def gives_each_reader_a_pile():
    return "3 8> 7>> 1>> 5>>> 2> 6>"


@wrong("proof_reading", "misplaced")
def forgets_to_indent():
    return "3 7 8 1 5 2 6"


@wrong("proof_reading", "misplaced")
def loops_over_the_readers_name():
    return "3 7> 8> 5>> 1>> 2> 6>"


@right("proof_reading")
def makes_the_pile_after_the_reader():
    return "3 8> 1>> 5>>> 7> 2> 6>"


# -- night_wires ---------------------------------------------------------------------------


@wrong("night_wires", "permit lost")
async def shares_the_semaphore_only(ask, names, limit):
    permits = asyncio.Semaphore(limit)

    async def wire(name):
        await permits.acquire()
        text = await ask(name)
        permits.release()
        return text

    return await asyncio.gather(*map(wire, names), return_exceptions=True)


@wrong("night_wires", "permit lost")
async def releases_after_success_only(ask, names, limit):
    permits = asyncio.Semaphore(limit)

    async def wire(name):
        await permits.acquire()
        try:
            text = await ask(name)
        except Exception as error:
            return error
        permits.release()
        return text

    return await asyncio.gather(*map(wire, names))


@wrong("night_wires", "fresh semaphore")
async def mends_the_release_only(ask, names, limit):
    async def wire(name):
        async with asyncio.Semaphore(limit):
            return await ask(name)

    return await asyncio.gather(*map(wire, names), return_exceptions=True)


@wrong("night_wires", "given back twice")
async def releases_in_both_branches(ask, names, limit):
    permits = asyncio.Semaphore(limit)

    async def wire(name):
        await permits.acquire()
        try:
            return await ask(name)
        except Exception as error:
            permits.release()
            return error
        finally:
            permits.release()

    return await asyncio.gather(*map(wire, names))


@wrong("night_wires", "unbounded")
async def throws_the_semaphore_out(ask, names, limit):
    return await asyncio.gather(*map(ask, names), return_exceptions=True)


@wrong("night_wires", "one failure loses all")
async def lets_the_first_failure_out(ask, names, limit):
    permits = asyncio.Semaphore(limit)

    async def wire(name):
        async with permits:
            return await ask(name)

    return await asyncio.gather(*map(wire, names))


@wrong("night_wires", "failure lost")
async def returns_the_texts_only(ask, names, limit):
    permits = asyncio.Semaphore(limit)

    async def wire(name):
        async with permits:
            return await ask(name)

    outcomes = await asyncio.gather(*map(wire, names), return_exceptions=True)
    return [outcome for outcome in outcomes if not isinstance(outcome, Exception)]


@wrong("night_wires", "never awaited")
async def does_not_await_the_permit(ask, names, limit):
    permits = asyncio.Semaphore(limit)

    async def wire(name):
        permits.acquire()
        try:
            return await ask(name)
        finally:
            permits.release()

    return await asyncio.gather(*map(wire, names), return_exceptions=True)


@wrong("night_wires", "batches")
async def rings_in_batches(ask, names, limit):
    outcomes = []
    for start in range(0, len(names), limit):
        calls = map(ask, names[start : start + limit])
        outcomes += await asyncio.gather(*calls, return_exceptions=True)
    return outcomes


@wrong("night_wires", "nothing to enter")
async def enters_without_async(ask, names, limit):
    permits = asyncio.Semaphore(limit)

    async def wire(name):
        with permits:
            return await ask(name)

    return await asyncio.gather(*map(wire, names), return_exceptions=True)


@wrong("night_wires", "unknown name")
async def misspells_the_call(ask, names, limit):
    permits = asyncio.Semaphore(limit)

    async def wire(name):
        async with permits:
            return await asks(name)  # noqa: F821 - the mistake

    return await asyncio.gather(*map(wire, names), return_exceptions=True)


@wrong("night_wires", "worker lost")
async def catches_around_the_loop(ask, names, limit):
    waiting, outcomes = iter(enumerate(names)), [None] * len(names)

    async def worker():
        try:
            for nth, name in waiting:
                outcomes[nth] = await ask(name)
        except Exception as error:
            outcomes[nth] = error

    await asyncio.gather(*(worker() for _ in range(limit)))
    return outcomes


@right("night_wires")
async def gives_back_in_a_finally(ask, names, limit):
    permits = asyncio.Semaphore(limit)

    async def wire(name):
        await permits.acquire()
        try:
            return await ask(name)
        finally:
            permits.release()

    return await asyncio.gather(*map(wire, names), return_exceptions=True)


@right("night_wires")
async def has_one_worker_for_each_wire(ask, names, limit):
    outcomes, waiting = {}, deque(names)

    async def work():
        while waiting:
            name = waiting.popleft()
            try:
                outcomes[name] = await ask(name)
            except Exception as error:
                outcomes[name] = error

    await asyncio.gather(*(work() for _ in range(limit)))
    return [outcomes[name] for name in names]


@right("night_wires")
async def chains_callbacks(ask, names, limit):
    waiting, tasks, all_done = iter(names), {}, asyncio.Event()

    def start_next(_=None):
        for name in waiting:
            tasks[name] = asyncio.create_task(ask(name))
            tasks[name].add_done_callback(start_next)
            return
        if all(task.done() for task in tasks.values()):
            all_done.set()

    for _ in range(limit):
        start_next()
    await all_done.wait()
    return [tasks[name].exception() or tasks[name].result() for name in names]


# -- interviews ----------------------------------------------------------------------------


@wrong("interviews", "queueing counts")
async def has_the_time_limit_outside(ask, names, limit, patience):
    permits = asyncio.Semaphore(limit)

    async def interview(name):
        try:
            async with asyncio.timeout(patience):
                async with permits:
                    return await ask(name)
        except Exception:
            return None

    return dict(zip(names, await asyncio.gather(*map(interview, names)), strict=True))


@wrong("interviews", "queueing counts")
async def waits_for_the_whole_interview(ask, names, limit, patience):
    permits = asyncio.Semaphore(limit)

    async def interview(name):
        async with permits:
            return await ask(name)

    calls = [asyncio.wait_for(interview(name), patience) for name in names]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    return {
        name: None if isinstance(outcome, Exception) else outcome
        for name, outcome in zip(names, outcomes, strict=True)
    }


@wrong("interviews", "queueing counts")
async def has_one_time_limit_for_all(ask, names, limit, patience):
    permits, sentences = asyncio.Semaphore(limit), dict.fromkeys(names)

    async def interview(name):
        async with permits:
            sentences[name] = await ask(name)

    try:
        async with asyncio.timeout(patience):
            await asyncio.gather(*map(interview, names), return_exceptions=True)
    except TimeoutError:
        pass
    return sentences


@wrong("interviews", "never gives up")
async def has_no_time_limit(ask, names, limit, patience):
    permits = asyncio.Semaphore(limit)

    async def interview(name):
        async with permits:
            try:
                return await ask(name)
            except Exception:
                return None

    return dict(zip(names, await asyncio.gather(*map(interview, names)), strict=True))


@wrong("interviews", "never gives up")
async def shields_the_call(ask, names, limit, patience):
    permits = asyncio.Semaphore(limit)

    async def interview(name):
        async with permits:
            call = asyncio.ensure_future(ask(name))
            try:
                return await asyncio.wait_for(asyncio.shield(call), patience)
            except TimeoutError:
                await asyncio.wait([call])
            except Exception:
                return None

    return dict(zip(names, await asyncio.gather(*map(interview, names)), strict=True))


@wrong("interviews", "leaked")
async def leaves_late_calls_alone(ask, names, limit, patience):
    permits = asyncio.Semaphore(limit)

    async def interview(name):
        async with permits:
            call = asyncio.ensure_future(ask(name))
            done, _ = await asyncio.wait([call], timeout=patience)
            return None if not done or call.exception() else call.result()

    return dict(zip(names, await asyncio.gather(*map(interview, names)), strict=True))


@wrong("interviews", "one failure loses all")
async def catches_the_timeout_only(ask, names, limit, patience):
    permits = asyncio.Semaphore(limit)

    async def interview(name):
        async with permits:
            try:
                async with asyncio.timeout(patience):
                    return await ask(name)
            except TimeoutError:
                return None

    return dict(zip(names, await asyncio.gather(*map(interview, names)), strict=True))


@wrong("interviews", "exception as result")
async def keeps_the_exceptions(ask, names, limit, patience):
    permits = asyncio.Semaphore(limit)

    async def interview(name):
        async with permits, asyncio.timeout(patience):
            return await ask(name)

    outcomes = await asyncio.gather(*map(interview, names), return_exceptions=True)
    return dict(zip(names, outcomes, strict=True))


@wrong("interviews", "failure lost")
async def leaves_the_others_out(ask, names, limit, patience):
    permits, sentences = asyncio.Semaphore(limit), {}

    async def interview(name):
        async with permits, asyncio.timeout(patience):
            sentences[name] = await ask(name)

    await asyncio.gather(*map(interview, names), return_exceptions=True)
    return sentences


@wrong("interviews", "fresh semaphore")
async def has_a_switchboard_for_each_call(ask, names, limit, patience):
    async def interview(name):
        async with asyncio.Semaphore(limit):
            try:
                return await asyncio.wait_for(ask(name), patience)
            except Exception:
                return None

    return dict(zip(names, await asyncio.gather(*map(interview, names)), strict=True))


@wrong("interviews", "permit lost")
async def hangs_up_after_success_only(ask, names, limit, patience):
    permits, sentences = asyncio.Semaphore(limit), dict.fromkeys(names)

    async def interview(name):
        await permits.acquire()
        sentences[name] = await asyncio.wait_for(ask(name), patience)
        permits.release()

    await asyncio.gather(*map(interview, names), return_exceptions=True)
    return sentences


@wrong("interviews", "worker lost")
async def loses_a_reporter_with_each_failure(ask, names, limit, patience):
    waiting, sentences = iter(names), dict.fromkeys(names)

    async def reporter():
        for name in waiting:
            async with asyncio.timeout(patience):
                sentences[name] = await ask(name)

    await asyncio.gather(*(reporter() for _ in range(limit)), return_exceptions=True)
    return sentences


@wrong("interviews", "asked too little")
async def sends_the_reporters_home_at_once(ask, names, limit, patience):
    queue, sentences = asyncio.Queue(), dict.fromkeys(names)
    for name in names:
        queue.put_nowait(name)

    async def reporter():
        while True:
            name = await queue.get()
            sentences[name] = await ask(name)

    reporters = [asyncio.create_task(reporter()) for _ in range(limit)]
    await asyncio.sleep(0)
    for task in reporters:
        task.cancel()
    await asyncio.gather(*reporters, return_exceptions=True)
    return sentences


@wrong("interviews", "queueing counts")
async def gives_up_those_who_wait_too_long(ask, names, limit, patience):
    permits = asyncio.Semaphore(limit)

    async def interview(name):
        try:
            await asyncio.wait_for(permits.acquire(), patience)
        except TimeoutError:
            return None
        try:
            return await asyncio.wait_for(ask(name), patience)
        except Exception:
            return None
        finally:
            permits.release()

    return dict(zip(names, await asyncio.gather(*map(interview, names)), strict=True))


@wrong("interviews", "batches")
async def rings_a_round_at_a_time(ask, names, limit, patience):
    sentences = {}
    for start in range(0, len(names), limit):
        some = names[start : start + limit]
        calls = (asyncio.wait_for(ask(name), patience) for name in some)
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        for name, outcome in zip(some, outcomes, strict=True):
            sentences[name] = None if isinstance(outcome, Exception) else outcome
    return sentences


@wrong("interviews", "seen from inside")
async def tries_within_the_limit(ask, names, limit, patience):
    permits = asyncio.Semaphore(limit)

    async def interview(name):
        async with permits, asyncio.timeout(patience):
            try:
                return await ask(name)
            except Exception:
                return None

    return dict(zip(names, await asyncio.gather(*map(interview, names)), strict=True))


@right("interviews")
async def looks_at_the_outcomes_afterwards(ask, names, limit, patience):
    permits = asyncio.BoundedSemaphore(limit)

    async def interview(name):
        async with permits, asyncio.timeout(patience):
            return await ask(name)

    outcomes = await asyncio.gather(*map(interview, names), return_exceptions=True)
    return {
        name: None if isinstance(outcome, BaseException) else outcome
        for name, outcome in zip(names, outcomes, strict=True)
    }


@right("interviews")
async def sends_reporters_with_a_list(ask, names, limit, patience):
    waiting, sentences = iter(names), dict.fromkeys(names)

    async def reporter():
        for name in waiting:
            try:
                sentences[name] = await asyncio.wait_for(ask(name), patience)
            except Exception as error:
                print(name, error)

    async with asyncio.TaskGroup() as group:
        for _ in range(limit):
            group.create_task(reporter())
    return sentences


@right("interviews")
async def hangs_up_by_hand(ask, names, limit, patience):
    permits = asyncio.Semaphore(limit)

    async def interview(name):
        async with permits:
            call = asyncio.create_task(ask(name))
            await asyncio.wait([call], timeout=patience)
            call.cancel()
            (outcome,) = await asyncio.gather(call, return_exceptions=True)
            return None if isinstance(outcome, BaseException) else outcome

    return dict(zip(names, await asyncio.gather(*map(interview, names)), strict=True))


# -- ship_register -------------------------------------------------------------------------


def _ships(ships):
    return [f"/ships/{ship}" for ship in ships]


class _Turns:
    """One every ``gap`` seconds."""

    def __init__(self, gap):
        self.gap, self.next = gap, 0.0

    async def take(self):
        now = asyncio.get_running_loop().time()
        turn = max(self.next, now)
        self.next = turn + self.gap
        await asyncio.sleep(turn - now)


@wrong("ship_register", "rate is not concurrency")
async def has_a_semaphore_only(client, ships, limit, gap):
    permits = asyncio.Semaphore(limit)

    async def entry(path):
        async with permits:
            return await fetch(client, path)

    return await asyncio.gather(*map(entry, _ships(ships)))


@wrong("ship_register", "rate is not concurrency")
async def sleeps_before_each_request(client, ships, limit, gap):
    permits = asyncio.Semaphore(limit)

    async def entry(path):
        async with permits:
            await asyncio.sleep(gap)
            return await fetch(client, path)

    return await asyncio.gather(*map(entry, _ships(ships)))


@wrong("ship_register", "rate is not concurrency")
async def sleeps_with_the_permit(client, ships, limit, gap):
    permits = asyncio.Semaphore(limit)

    async def entry(path):
        async with permits:
            answer = await fetch(client, path)
            await asyncio.sleep(gap)
            return answer

    return await asyncio.gather(*map(entry, _ships(ships)))


@wrong("ship_register", "rate is not concurrency")
async def has_a_rate_only(client, ships, limit, gap):
    tasks = []
    for path in _ships(ships):
        tasks.append(asyncio.create_task(fetch(client, path)))
        await asyncio.sleep(gap)
    return await asyncio.gather(*tasks)


@wrong("ship_register", "turn too early")
async def takes_the_turn_before_the_permit(client, ships, limit, gap):
    permits, turns = asyncio.Semaphore(limit), _Turns(gap)

    async def entry(path):
        await turns.take()
        async with permits:
            return await fetch(client, path)

    return await asyncio.gather(*map(entry, _ships(ships)))


@wrong("ship_register", "turn too early")
async def begins_by_the_number(client, ships, limit, gap):
    permits = asyncio.Semaphore(limit)

    async def entry(number, path):
        await asyncio.sleep(number * gap)
        async with permits:
            return await fetch(client, path)

    calls = (entry(number, path) for number, path in enumerate(_ships(ships)))
    return await asyncio.gather(*calls)


@wrong("ship_register", "one by one")
async def asks_and_sleeps_in_turn(client, ships, limit, gap):
    answers = []
    for path in _ships(ships):
        answers.append(await fetch(client, path))
        await asyncio.sleep(gap)
    return answers


@wrong("ship_register", "one by one")
async def asks_under_the_lock(client, ships, limit, gap):
    permits, pace = asyncio.Semaphore(limit), asyncio.Lock()

    async def entry(path):
        async with permits, pace:
            answer = await fetch(client, path)
            await asyncio.sleep(gap)
            return answer

    return await asyncio.gather(*map(entry, _ships(ships)))


@wrong("ship_register", "waited needlessly")
async def everybody_sleeps_under_a_lock(client, ships, limit, gap):
    permits, pace = asyncio.Semaphore(limit), asyncio.Lock()

    async def entry(path):
        async with permits:
            async with pace:
                await asyncio.sleep(gap)
            return await fetch(client, path)

    return await asyncio.gather(*map(entry, _ships(ships)))


@wrong("ship_register", "over the limit")
async def gives_the_permit_back_with_the_turn(client, ships, limit, gap):
    permits, turns = asyncio.Semaphore(limit), _Turns(gap)

    async def entry(path):
        async with permits:
            await turns.take()
        return await fetch(client, path)

    return await asyncio.gather(*map(entry, _ships(ships)))


@right("ship_register")
async def has_a_dispatcher(client, ships, limit, gap):
    permits, tasks = asyncio.Semaphore(limit), []

    async def entry(path):
        try:
            return await fetch(client, path)
        finally:
            permits.release()

    for path in _ships(ships):
        await permits.acquire()
        tasks.append(asyncio.create_task(entry(path)))
        await asyncio.sleep(gap)
    return [await task for task in tasks]


@right("ship_register")
async def has_workers_that_share_the_turns(client, ships, limit, gap):
    waiting, turns, answers = iter(_ships(ships)), _Turns(gap), {}

    async def work():
        for path in waiting:
            await turns.take()
            answers[path] = await fetch(client, path)

    await asyncio.gather(*(work() for _ in range(limit)))
    return [answers[path] for path in _ships(ships)]


@right("ship_register")
async def keeps_a_gate_shut_behind_each(client, ships, limit, gap):
    permits, gate = asyncio.Semaphore(limit), asyncio.Lock()

    async def entry(path):
        async with permits:
            await gate.acquire()
            asyncio.get_running_loop().call_later(gap, gate.release)
            return await fetch(client, path)

    return await asyncio.gather(*map(entry, _ships(ships)))
