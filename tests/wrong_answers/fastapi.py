"""Answers to the exercises of lesson 10."""

# ruff: noqa: BLE001, RUF006 - people do catch everything, and forget their tasks

import asyncio
import contextlib
import functools
import threading

from fastapi import BackgroundTasks, HTTPException
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask

from . import right, wrong

# -- last_page -----------------------------------------------------------------------------


@wrong("last_page", "queue forgotten")
def a_gather_takes_one_query(readers, queries, pool, seconds):
    return seconds


@wrong("last_page", "sum expected")
def adds_up_all_queries(readers, queries, pool, seconds):
    return readers * queries * seconds


@wrong("last_page", "pool for each")
def gives_each_reader_a_pool(readers, queries, pool, seconds):
    return -(-queries // pool) * seconds


@wrong("last_page", "one reader at a time")
def serves_the_readers_in_turn(readers, queries, pool, seconds):
    return readers * -(-queries // pool) * seconds


@wrong("last_page", "part of a round")
def shares_out_a_round(readers, queries, pool, seconds):
    return readers * queries / pool * seconds


@wrong("last_page", "part of a round")
def forgets_the_last_round(readers, queries, pool, seconds):
    return readers * queries // pool * seconds


@wrong("last_page", "measured")
def adds_readers_and_queries(readers, queries, pool, seconds):
    return -(-(readers + queries) // pool) * seconds


@right("last_page")
def plays_the_pool(readers, queries, pool, seconds):
    left, total = readers * queries, 0.0
    while left > 0:
        left, total = left - pool, total + seconds
    return total


# -- front_parts ---------------------------------------------------------------------------


@wrong("front_parts", "shared session")
async def reads_all_in_the_session_of_the_request(request):
    session, parts = request.state.session, request.app.state.parts
    bodies = await asyncio.gather(*(session.read(part) for part in parts))
    return dict(zip(parts, bodies, strict=True))


@wrong("front_parts", "shared session")
async def opens_one_session_around_the_gather(request):
    async with request.app.state.sessions() as session:
        parts = request.app.state.parts
        return dict(zip(parts, await asyncio.gather(*map(session.read, parts)), strict=True))


@wrong("front_parts", "shared session")
async def collects_the_refusals(request):
    session, parts = request.state.session, request.app.state.parts
    calls = (session.read(part) for part in parts)
    bodies = await asyncio.gather(*calls, return_exceptions=True)
    return dict(zip(parts, bodies, strict=True))


@wrong("front_parts", "one by one")
async def reads_in_turn(request):
    session = request.state.session
    return {part: await session.read(part) for part in request.app.state.parts}


@wrong("front_parts", "one by one")
async def guards_the_session_with_a_lock(request):
    session, parts, lock = request.state.session, request.app.state.parts, asyncio.Lock()

    async def read_part(part):
        async with lock:
            return await session.read(part)

    return dict(zip(parts, await asyncio.gather(*map(read_part, parts)), strict=True))


@wrong("front_parts", "session left open")
async def opens_sessions_and_leaves_them(request):
    sessions, parts = request.app.state.sessions, request.app.state.parts
    bodies = await asyncio.gather(*(sessions().read(part) for part in parts))
    return dict(zip(parts, bodies, strict=True))


@wrong("front_parts", "returned a coroutine")
async def forgets_to_await_the_reading(request):
    sessions, parts = request.app.state.sessions, request.app.state.parts

    async def read_part(part):
        async with sessions() as session:
            return session.read(part)

    return dict(zip(parts, await asyncio.gather(*map(read_part, parts)), strict=True))


@wrong("front_parts", "wrong pairs")
async def pairs_parts_as_they_come(request):
    sessions, parts, bodies = request.app.state.sessions, request.app.state.parts, []

    async def read_part(part):
        async with sessions() as session:
            bodies.append(await session.read(part))

    await asyncio.gather(*map(read_part, parts))
    return dict(zip(parts, bodies, strict=True))


@wrong("front_parts", "wrong result")
async def returns_the_texts_alone(request):
    async def read_part(part):
        async with request.app.state.sessions() as session:
            return await session.read(part)

    return await asyncio.gather(*map(read_part, request.app.state.parts))


@right("front_parts")
async def keeps_all_sessions_in_a_stack(request):
    parts = request.app.state.parts
    async with contextlib.AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        tasks = {}
        for part in parts:
            session = await stack.enter_async_context(request.app.state.sessions())
            tasks[part] = group.create_task(session.read(part))
    return {part: task.result() for part, task in tasks.items()}


@right("front_parts")
async def uses_the_given_session_for_one(request):
    first, *others = request.app.state.parts
    page = dict.fromkeys(request.app.state.parts)

    async def fill(part, session):
        async with session:
            page[part] = await session.read(part)

    calls = [fill(part, request.app.state.sessions()) for part in others]
    await asyncio.gather(fill(first, request.state.session), *calls)
    return JSONResponse(page)


# -- page_in_time --------------------------------------------------------------------------


@wrong("page_in_time", "one by one")
def asks_for_one_part_after_the_other():
    return "5 9> 11> 8>> 2>>> 6>>>> 4>> 10>>> 7> 1>"


@wrong("page_in_time", "one failure loses all")
def limits_the_gather_and_tries_nothing():
    return "5 9> 11> 6>> 2> 3>> 1>"


@wrong("page_in_time", "one failure loses all")
def limits_each_part_and_tries_nothing():
    return "5 9> 11> 2>> 6>>> 3> 1>"


@wrong("page_in_time", "one failure loses all")
def tries_the_part_and_limits_the_gather():
    return "5 9> 11> 8>> 6>>> 4>> 10>>> 2> 3>> 1>"


@wrong("page_in_time", "never gives up")
def has_no_time_limit():
    return "5 9> 11> 8>> 6>>> 4>> 10>>> 3> 1>"


@wrong("page_in_time", "leaked")
def gives_up_the_page_with_the_part():
    return "5 9> 8> 11>> 2>>> 6>>>> 3>> 4> 10>> 1>"


@wrong("page_in_time", "misplaced")
def puts_the_except_inside_of_the_limit():
    return "5 9> 11> 8>> 2>>> 6>>>> 4>>> 10>>>> 3> 1>"


@right("page_in_time")
def looks_up_the_site_last():
    return "5 11> 8>> 2>>> 6>>>> 4>> 10>>> 9> 3> 1>"


@right("page_in_time")
def tries_within_the_limit_as_well():
    return "5 9> 11> 8>> 2>>> 6>>>> 4>> 10>>> 3> 1>"


# -- tide_page -----------------------------------------------------------------------------


@wrong("tide_page", "blocked loop")
async def lets_the_others_go_first(request):
    harbour, site = request.query_params["harbour"], request.app.state
    await asyncio.sleep(0)
    tide = site.almanac(harbour)
    return {"tide": tide, "wind": await site.wind(harbour)}


@wrong("tide_page", "blocked loop")
async def puts_async_in_front_of_it(request):
    harbour, site = request.query_params["harbour"], request.app.state

    async def almanac():
        return site.almanac(harbour)

    tide, wind = await asyncio.gather(almanac(), site.wind(harbour))
    return {"tide": tide, "wind": wind}


@wrong("tide_page", "blocked loop")
async def calls_it_for_the_thread(request):
    harbour, site = request.query_params["harbour"], request.app.state
    tide = await asyncio.to_thread(site.almanac(harbour))
    return {"tide": tide, "wind": await site.wind(harbour)}


@wrong("tide_page", "blocked loop")
async def starts_the_wind_first(request):
    harbour, site = request.query_params["harbour"], request.app.state
    wind = asyncio.create_task(site.wind(harbour))
    tide = site.almanac(harbour)
    return {"tide": tide, "wind": await wind}


@wrong("tide_page", "partly one by one")
async def asks_for_the_wind_after_the_thread(request):
    harbour, site = request.query_params["harbour"], request.app.state
    tide = await asyncio.to_thread(site.almanac, harbour)
    wind = await site.wind(harbour)
    return {"tide": tide, "wind": wind}


@wrong("tide_page", "partly one by one")
async def makes_the_thread_after_the_wind(request):
    harbour, site = request.query_params["harbour"], request.app.state
    return {
        "wind": await site.wind(harbour),
        "tide": await asyncio.to_thread(site.almanac, harbour),
    }


@wrong("tide_page", "returned a coroutine")
async def does_not_wait_for_the_thread(request):
    harbour, site = request.query_params["harbour"], request.app.state
    tide = asyncio.to_thread(site.almanac, harbour)
    return {"tide": tide, "wind": await site.wind(harbour)}


@wrong("tide_page", "raised")
async def forgets_which_harbour(request):
    harbour, site = request.query_params["harbour"], request.app.state
    tide, wind = await asyncio.gather(asyncio.to_thread(site.almanac), site.wind(harbour))
    return {"tide": tide, "wind": wind}


@wrong("tide_page", "not async")
def takes_the_async_away(request):
    harbour, site = request.query_params["harbour"], request.app.state
    return {"tide": site.almanac(harbour), "wind": site.wind(harbour)}


@wrong("tide_page", "wrong pairs")
async def mixes_up_the_two(request):
    harbour, site = request.query_params["harbour"], request.app.state
    wind, tide = await asyncio.gather(asyncio.to_thread(site.almanac, harbour), site.wind(harbour))
    return {"tide": tide, "wind": wind}


@right("tide_page")
async def starts_the_thread_as_a_task(request):
    harbour, site = request.query_params["harbour"], request.app.state
    tide = asyncio.create_task(asyncio.to_thread(site.almanac, harbour))
    wind = await site.wind(harbour)
    return {"tide": await tide, "wind": wind}


@right("tide_page")
async def asks_the_executor(request):
    harbour, site = request.query_params["harbour"], request.app.state
    loop = asyncio.get_running_loop()
    tide = loop.run_in_executor(None, functools.partial(site.almanac, harbour))
    return JSONResponse({"wind": await site.wind(harbour), "tide": await tide})


@right("tide_page")
async def makes_a_thread_by_hand(request):
    harbour, site = request.query_params["harbour"], request.app.state
    loop, found = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()

    def look_up():
        loop.call_soon_threadsafe(found.set_result, site.almanac(harbour))

    threading.Thread(target=look_up).start()
    wind = await site.wind(harbour)
    return {"tide": await found, "wind": wind}


# -- reader_letter -------------------------------------------------------------------------


@wrong("reader_letter", "answer waits")
async def awaits_all_copies(request):
    site = request.app.state
    await asyncio.gather(*map(site.send, site.editors), return_exceptions=True)
    return {"copies": len(site.editors)}


@wrong("reader_letter", "answer waits")
async def opens_a_group_of_its_own(request):
    site = request.app.state

    async def deliver(editor):
        with contextlib.suppress(Exception):
            await site.send(editor)

    async with asyncio.TaskGroup() as group:
        for editor in site.editors:
            group.create_task(deliver(editor))
    return {"copies": len(site.editors)}


@wrong("reader_letter", "leaked")
async def makes_tasks_of_nobody(request):
    site = request.app.state
    for editor in site.editors:
        asyncio.create_task(site.send(editor))
    return {"copies": len(site.editors)}


_background = set()


@wrong("reader_letter", "leaked")
async def keeps_the_tasks_in_a_set(request):
    site = request.app.state
    for editor in site.editors:
        task = asyncio.create_task(site.send(editor))
        _background.add(task)
        task.add_done_callback(_background.discard)
    return {"copies": len(site.editors)}


@wrong("reader_letter", "job breaks the group")
async def gives_the_group_the_bare_call(request):
    site = request.app.state
    for editor in site.editors:
        site.jobs.create_task(site.send(editor))
    return {"copies": len(site.editors)}


@wrong("reader_letter", "job breaks the group")
async def catches_behind_a_group_of_its_own(request):
    site = request.app.state

    async def deliver():
        try:
            async with asyncio.TaskGroup() as group:
                for editor in site.editors:
                    group.create_task(site.send(editor))
        except* Exception as failures:
            print(failures)

    site.jobs.create_task(deliver())
    return {"copies": len(site.editors)}


@wrong("reader_letter", "job breaks the group")
async def gives_the_group_a_gather(request):
    site = request.app.state

    async def deliver_all():
        await asyncio.gather(*map(site.send, site.editors))

    site.jobs.create_task(deliver_all())
    return {"copies": len(site.editors)}


@wrong("reader_letter", "group entered again")
async def opens_the_group_of_the_site(request):
    site = request.app.state
    async with site.jobs as jobs:
        for editor in site.editors:
            jobs.create_task(site.send(editor))
    return {"copies": len(site.editors)}


@wrong("reader_letter", "one by one")
async def delivers_one_after_the_other(request):
    site = request.app.state

    async def deliver_all():
        for editor in site.editors:
            with contextlib.suppress(Exception):
                await site.send(editor)

    site.jobs.create_task(deliver_all())
    return {"copies": len(site.editors)}


@wrong("reader_letter", "one by one")
async def adds_a_background_task_for_each(request):
    site, tasks = request.app.state, BackgroundTasks()
    for editor in site.editors:
        tasks.add_task(site.send, editor)
    return JSONResponse({"copies": len(site.editors)}, background=tasks)


@wrong("reader_letter", "never awaited")
async def only_calls_send(request):
    site = request.app.state
    for editor in site.editors:
        site.send(editor)
    return {"copies": len(site.editors)}


@wrong("reader_letter", "no return")
async def returns_nothing(request):
    site = request.app.state

    async def deliver(editor):
        with contextlib.suppress(Exception):
            await site.send(editor)

    for editor in site.editors:
        site.jobs.create_task(deliver(editor))


@right("reader_letter")
async def gathers_in_one_job(request):
    site = request.app.state

    async def deliver_all():
        await asyncio.gather(*map(site.send, site.editors), return_exceptions=True)

    site.jobs.create_task(deliver_all())
    return {"copies": len(site.editors)}


@right("reader_letter")
async def gathers_in_one_background_task(request):
    site = request.app.state

    async def deliver_all():
        await asyncio.gather(*map(site.send, site.editors), return_exceptions=True)

    answer = {"copies": len(site.editors)}
    return JSONResponse(answer, background=BackgroundTask(deliver_all))


@right("reader_letter")
async def lets_the_group_wait_for_tasks_made_elsewhere(request):
    site = request.app.state
    tasks = [asyncio.create_task(site.send(editor)) for editor in site.editors]
    site.jobs.create_task(asyncio.wait(tasks))
    return {"copies": len(tasks)}


# -- annual_report -------------------------------------------------------------------------


@wrong("annual_report", "reader gone")
async def gathers_and_hopes(request):
    site = request.app.state
    return await asyncio.gather(*map(site.ask, site.years))


@wrong("annual_report", "reader gone")
async def asks_for_the_reader_once(request):
    site = request.app.state
    if await request.is_disconnected():
        return None
    return await asyncio.gather(*map(site.ask, site.years))


@wrong("annual_report", "reader gone")
async def expects_to_be_cancelled(request):
    site = request.app.state
    tasks = [asyncio.create_task(site.ask(year)) for year in site.years]
    try:
        return [await task for task in tasks]
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        raise


@wrong("annual_report", "one by one")
async def looks_up_between_two_years(request):
    site, report = request.app.state, []
    for year in site.years:
        if await request.is_disconnected():
            return None
        report.append(await site.ask(year))
    return report


@wrong("annual_report", "noticed late")
async def ends_with_the_next_look(request):
    site = request.app.state
    tasks = [asyncio.create_task(site.ask(year)) for year in site.years]
    while not all(task.done() for task in tasks):
        if await request.is_disconnected():
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            return None
        await asyncio.sleep(0.0731)
    return [task.result() for task in tasks]


@wrong("annual_report", "noticed late")
async def looks_as_often_as_the_lesson(request):
    site = request.app.state
    tasks = [asyncio.create_task(site.ask(year)) for year in site.years]
    while not await request.is_disconnected():
        if all(task.done() for task in tasks):
            return [task.result() for task in tasks]
        await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    return None


@wrong("annual_report", "cancelled, not awaited")
async def cancels_and_goes(request):
    site = request.app.state
    tasks = [asyncio.create_task(site.ask(year)) for year in site.years]
    while (waiting := [task for task in tasks if not task.done()]) and not (
        await request.is_disconnected()
    ):
        await asyncio.wait(waiting, timeout=0.05)
    for task in waiting:
        task.cancel()
    return None if waiting else [task.result() for task in tasks]


@wrong("annual_report", "watcher outlives the work")
async def has_the_group_wait_for_the_watcher(request):
    site = request.app.state

    async def watch():
        while not await request.is_disconnected():
            await asyncio.sleep(0.09)
        raise HTTPException(499)

    async with asyncio.TaskGroup() as group:
        group.create_task(watch())
        tasks = [group.create_task(site.ask(year)) for year in site.years]
    return [task.result() for task in tasks]


@wrong("annual_report", "seen from inside")
async def has_a_time_limit_only(request):
    site = request.app.state
    async with asyncio.timeout(0.5):
        return await asyncio.gather(*map(site.ask, site.years))


@wrong("annual_report", "leaked")
async def leaves_the_watcher_behind(request):
    site = request.app.state
    work = asyncio.gather(*map(site.ask, site.years))

    async def watch():
        while not await request.is_disconnected():
            await asyncio.sleep(0.05)
        work.cancel()

    watcher = asyncio.create_task(watch())
    return await work if watcher else None


async def _race(request, work, pause=0.05):
    async def reader_leaves():
        while not await request.is_disconnected():
            await asyncio.sleep(pause)

    work, leaving = asyncio.create_task(work), asyncio.create_task(reader_leaves())
    await asyncio.wait([work, leaving], return_when=asyncio.FIRST_COMPLETED)
    for task in (work, leaving):
        task.cancel()
    await asyncio.wait([work, leaving])
    return None if work.cancelled() else work.result()


async def _in_a_group(site):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(site.ask(year)) for year in site.years]
    return [task.result() for task in tasks]


@wrong("annual_report", "reader gone")
async def asks_too_seldom(request):
    return await _race(request, _in_a_group(request.app.state), pause=0.9)


@wrong("annual_report", "cancelled, not awaited")
async def cancels_a_gather(request):
    site = request.app.state

    async def report():
        return await asyncio.gather(*map(site.ask, site.years))

    return await _race(request, report())


@wrong("annual_report", "cancelled, not awaited")
async def takes_done_for_over(request):
    site = request.app.state
    work = asyncio.gather(*map(site.ask, site.years))
    while not work.done():
        await asyncio.wait([work], timeout=0.05)
        if await request.is_disconnected():
            work.cancel()
            return None
    return await work


@wrong("annual_report", "reader still there")
async def waits_while_the_reader_is_gone(request):
    site = request.app.state

    async def reader_leaves():
        while await request.is_disconnected():
            await asyncio.sleep(0.05)

    calls = [asyncio.create_task(site.ask(year)) for year in site.years]
    work = asyncio.gather(*calls, return_exceptions=True)
    await asyncio.wait(
        [work, leaving := asyncio.create_task(reader_leaves())], return_when="FIRST_COMPLETED"
    )
    for task in (*calls, leaving):
        task.cancel()
    await asyncio.wait([*calls, leaving])
    return [call.result() for call in calls if not call.cancelled()]


@right("annual_report")
async def lets_the_watcher_break_the_group(request):
    class Left(Exception):
        pass

    site = request.app.state

    async def watch():
        while not await request.is_disconnected():
            await asyncio.sleep(0.09)
        raise Left

    try:
        async with asyncio.TaskGroup() as group:
            watcher = group.create_task(watch())
            tasks = [group.create_task(site.ask(year)) for year in site.years]
            await asyncio.wait(tasks)
            watcher.cancel()
            return [task.result() for task in tasks]
    except* Left:
        pass


@right("annual_report")
async def waits_for_the_message_of_the_server(request):
    site = request.app.state

    async def reader_leaves():
        while (await request.receive())["type"] != "http.disconnect":
            pass
        work.cancel()

    work = asyncio.gather(*map(site.ask, site.years), return_exceptions=True)
    leaving = asyncio.create_task(reader_leaves())
    try:
        return await work
    finally:
        leaving.cancel()
        await asyncio.wait([leaving])


@right("annual_report")
async def looks_up_between_two_waits(request):
    site = request.app.state
    tasks = [asyncio.create_task(site.ask(year)) for year in site.years]
    waiting = tasks
    while waiting and not await request.is_disconnected():
        _, waiting = await asyncio.wait(waiting, timeout=0.05)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    return None if any(task.cancelled() for task in tasks) else [t.result() for t in tasks]
