"""Answers to the exercises of lesson 04."""

# ruff: noqa: BLE001 - people do catch everything
# ruff: noqa: RUF006 - and forget the tasks that they have made

import asyncio
import time

from . import right, wrong

# -- night_log -----------------------------------------------------------------------------

ORDERED, OVER = "all are ordered", "the coffee is over"


def _starts(seconds):
    return [f"{press} starts" for press in seconds]


def _done(presses):
    return [f"{press} is done" for press in presses]


@wrong("night_log", "starts at once")
def starts_them_in_create_task(seconds, coffee):
    by_time = sorted(seconds, key=seconds.get)
    early = _done(press for press in by_time if seconds[press] < coffee)
    late = _done(press for press in by_time if seconds[press] > coffee)
    return [*_starts(seconds), ORDERED, *early, OVER, *late]


@wrong("night_log", "starts when awaited")
def starts_them_in_the_gather(seconds, coffee):
    return [ORDERED, OVER, *_starts(seconds), *_done(sorted(seconds, key=seconds.get))]


@wrong("night_log", "works when awaited")
def lets_them_wait_for_the_gather(seconds, coffee):
    return [ORDERED, *_starts(seconds), OVER, *_done(sorted(seconds, key=seconds.get))]


@wrong("night_log", "nested list")
def forgets_the_stars(seconds, coffee):
    by_time = sorted(seconds, key=seconds.get)
    early = _done(press for press in by_time if seconds[press] < coffee)
    late = _done(press for press in by_time if seconds[press] > coffee)
    return [ORDERED, list(_starts(seconds)), list(early), OVER, list(late)]


@wrong("night_log", "measured")
def waits_for_all_before_the_coffee_is_over(seconds, coffee):
    return [ORDERED, *_starts(seconds), *_done(sorted(seconds, key=seconds.get)), OVER]


@wrong("night_log", "measured")
def runs_one_press_after_the_other(seconds, coffee):
    log = [ORDERED, OVER]
    for press in seconds:
        log += [f"{press} starts", f"{press} is done"]
    return log


@right("night_log")
def sorts_by_time(seconds, coffee):
    events = [(0, 0, ORDERED), *((0, 1, line) for line in _starts(seconds))]
    events += [(seconds[press], 2, f"{press} is done") for press in seconds]
    events.append((coffee, 2, OVER))
    return tuple(line for *_, line in sorted(events, key=lambda event: event[:2]))


# -- magazine ------------------------------------------------------------------------------


async def _inside(make, text):
    return await make(await make(text))


@wrong("magazine", "one by one")
async def awaits_the_cover_first(make, cover, text):
    printed = await make(cover)
    return printed, await _inside(make, text)


@wrong("magazine", "one by one")
async def keeps_a_coroutine(make, cover, text):
    on_the_press = make(cover)
    pages = await _inside(make, text)
    return await on_the_press, pages


@wrong("magazine", "one by one")
async def awaits_the_task_at_once(make, cover, text):
    printed = await asyncio.create_task(make(cover))
    return printed, await _inside(make, text)


@wrong("magazine", "result too early")
async def takes_the_result_without_a_wait(make, cover, text):
    on_the_press = asyncio.create_task(make(cover))
    pages = await _inside(make, text)
    return on_the_press.result(), pages


@wrong("magazine", "returned a coroutine")
async def returns_the_task(make, cover, text):
    on_the_press = asyncio.create_task(make(cover))
    return on_the_press, await _inside(make, text)


@wrong("magazine", "arguments of create_task")
async def awaits_inside_of_create_task(make, cover, text):
    on_the_press = asyncio.create_task(await make(cover))
    pages = await _inside(make, text)
    return await on_the_press, pages


@wrong("magazine", "arguments of create_task")
async def makes_a_task_of_the_function(make, cover, text):
    on_the_press = asyncio.create_task(make)
    pages = await _inside(make, text)
    return await on_the_press, pages


@wrong("magazine", "arguments of create_task")
async def hands_over_function_and_argument(make, cover, text):
    on_the_press = asyncio.create_task(make, cover)
    pages = await _inside(make, text)
    return await on_the_press, pages


@wrong("magazine", "chained needlessly")
async def begins_the_cover_after_the_plates(make, cover, text):
    plates = await make(text)
    on_the_press = asyncio.create_task(make(cover))
    pages = await make(plates)
    return await on_the_press, pages


@wrong("magazine", "called too often")
async def makes_the_cover_twice(make, cover, text):
    asyncio.create_task(make(cover))
    pages = await _inside(make, text)
    return await make(cover), pages


@wrong("magazine", "returned a coroutine")
async def makes_pages_of_a_task(make, cover, text):
    on_the_press = asyncio.create_task(make(cover))
    plates = asyncio.create_task(make(text))
    pages = asyncio.create_task(make(plates))
    return await on_the_press, await pages


@right("magazine")
async def gathers_both_ways(make, cover, text):
    return await asyncio.gather(make(cover), _inside(make, text))


@right("magazine")
async def has_a_group_for_the_cover(make, cover, text):
    async with asyncio.TaskGroup() as group:
        on_the_press = group.create_task(make(cover), name="cover")
        pages = await _inside(make, text)
    return on_the_press.result(), pages


# -- send_out ------------------------------------------------------------------------------


@wrong("send_out", "not begun")
def puts_coroutines_on_the_list():
    return "5 2> 7> 8>> 3>> 4> 6>"


@wrong("send_out", "one by one")
def gathers_after_each_order():
    return "5 2> 7> 8>> 1>> 4>> 6>"


@wrong("send_out", "asked too little")
def returns_after_the_first_order():
    return "5 2> 7> 8>> 1>> 4>> 6>>"


@wrong("send_out", "asked too little")
def empties_the_lists_with_each_order():
    return "5 7> 2>> 8>> 1>> 4>> 6>>"


@wrong("send_out", "raised")
def forgets_the_addresses():
    return "5 2> 7> 1>> 4> 6>"


@wrong("send_out", "every line")
def sends_everybody_twice():
    return "5 2> 7> 8>> 3>> 1>> 4> 6>"


@wrong("send_out", "misplaced")
def begins_with_the_lists():
    return "2 5 7> 8>> 1>> 4> 6>"


@right("send_out")
def sends_before_it_writes_down():
    return "5 2> 7> 1>> 8>> 4> 6>"


# -- archive_night -------------------------------------------------------------------------


async def _print_all(press, archive, pages):
    """The tasks that take the copies, when the last page is printed."""
    errands = {}
    for page in pages:
        await press(page)
        errands[page] = asyncio.create_task(archive(page))
    return errands


@wrong("archive_night", "leaked")
async def forgets_its_messengers(press, archive, pages):
    for page in pages:
        await press(page)
        asyncio.create_task(archive(page))
    return []


@wrong("archive_night", "leaked")
async def asks_only_who_is_back(press, archive, pages):
    errands = await _print_all(press, archive, pages)
    return [page for page, errand in errands.items() if errand.done() and errand.exception()]


@wrong("archive_night", "guessed")
async def sleeps_long_enough(press, archive, pages):
    errands = await _print_all(press, archive, pages)
    await asyncio.sleep(10)
    return [page for page, errand in errands.items() if errand.exception()]


@wrong("archive_night", "one by one")
async def waits_for_each_messenger(press, archive, pages):
    missing = []
    for page in pages:
        await press(page)
        try:
            await archive(page)
        except Exception:
            missing.append(page)
    return missing


@wrong("archive_night", "one by one")
async def waits_for_each_task(press, archive, pages):
    missing = []
    for page in pages:
        await press(page)
        errand = asyncio.create_task(archive(page))
        try:
            await errand
        except Exception:
            missing.append(page)
    return missing


@wrong("archive_night", "result too early")
async def asks_in_the_line_below(press, archive, pages):
    missing = []
    for page in pages:
        await press(page)
        errand = asyncio.create_task(archive(page))
        if errand.exception():
            missing.append(page)
    return missing


@wrong("archive_night", "one failure loses all")
async def gathers_without_keeping_failures(press, archive, pages):
    errands = await _print_all(press, archive, pages)
    outcomes = await asyncio.gather(*errands.values())
    return [page for page, outcome in zip(pages, outcomes, strict=True) if not outcome]


@wrong("archive_night", "failure lost")
async def waits_and_does_not_look(press, archive, pages):
    missing = []
    errands = await _print_all(press, archive, pages)
    try:
        await asyncio.gather(*errands.values(), return_exceptions=True)
    except Exception as error:
        missing.append(error)
    return missing


@wrong("archive_night", "exception as result")
async def returns_the_exceptions(press, archive, pages):
    errands = await _print_all(press, archive, pages)
    outcomes = await asyncio.gather(*errands.values(), return_exceptions=True)
    return [outcome for outcome in outcomes if isinstance(outcome, Exception)]


@wrong("archive_night", "finish order")
async def notes_them_as_they_fail(press, archive, pages):
    missing, errands = [], []

    async def errand(page):
        try:
            await archive(page)
        except Exception:
            missing.append(page)

    for page in pages:
        await press(page)
        errands.append(asyncio.create_task(errand(page)))
    await asyncio.gather(*errands)
    return missing


@wrong("archive_night", "late closure")
async def notes_the_newest_page(press, archive, pages):
    missing, errands = [], []
    for page in pages:
        await press(page)
        errand = asyncio.create_task(archive(page))
        errand.add_done_callback(lambda task: task.exception() and missing.append(page))  # noqa: B023 - the mistake
        errands.append(errand)
    await asyncio.gather(*errands, return_exceptions=True)
    return missing


@wrong("archive_night", "wrong result")
async def takes_any_outcome_for_a_failure(press, archive, pages):
    errands = await _print_all(press, archive, pages)
    outcomes = await asyncio.gather(*errands.values(), return_exceptions=True)
    return [page for page, outcome in zip(pages, outcomes, strict=True) if outcome]


@wrong("archive_night", "one at a time")
async def prints_all_pages_at_once(press, archive, pages):
    async def one(page):
        await press(page)
        await archive(page)

    outcomes = await asyncio.gather(*map(one, pages), return_exceptions=True)
    return [page for page, o in zip(pages, outcomes, strict=True) if isinstance(o, Exception)]


@wrong("archive_night", "chained needlessly")
async def sends_them_when_all_is_printed(press, archive, pages):
    for page in pages:
        await press(page)
    outcomes = await asyncio.gather(*map(archive, pages), return_exceptions=True)
    return [page for page, o in zip(pages, outcomes, strict=True) if isinstance(o, Exception)]


@wrong("archive_night", "late closure")
async def reads_the_page_of_the_loop(press, archive, pages):
    missing, errands = [], []

    async def errand():
        try:
            await archive(page)
        except Exception:
            missing.append(page)

    for page in pages:
        await press(page)
        errands.append(asyncio.create_task(errand()))
    await asyncio.gather(*errands)
    return missing


@right("archive_night")
async def awaits_them_in_turn(press, archive, pages):
    missing = []
    for page, errand in (await _print_all(press, archive, pages)).items():
        try:
            await errand
        except Exception:
            missing.append(page)
    return missing


@right("archive_night")
async def sorts_what_callbacks_have_noted(press, archive, pages):
    missing, errands = [], await _print_all(press, archive, pages)

    def ended(errand):
        if errand.exception() is not None:
            missing.append(errand.get_name())

    for page, errand in errands.items():
        errand.set_name(page)
        errand.add_done_callback(ended)
    await asyncio.wait(errands.values())
    await asyncio.sleep(0)
    return sorted(missing, key=pages.index)


@right("archive_night")
async def has_a_group_of_messengers(press, archive, pages):
    arrived = set()

    async def errand(page):
        try:
            await archive(page)
            arrived.add(page)
        except Exception as error:
            print(error)

    async with asyncio.TaskGroup() as group:
        for page in pages:
            await press(page)
            group.create_task(errand(page))
    return [page for page in pages if page not in arrived]


# -- two_reports ---------------------------------------------------------------------------


def _state(task):
    if not task.done():
        return "not done"
    return f"failed: {task.exception()}" if task.exception() else task.result()


def _states(tasks):
    return {press: _state(task) for press, task in tasks.items()}


def _start(run, presses):
    return {press: asyncio.create_task(run(press)) for press in presses}


@wrong("two_reports", "result too early")
async def takes_every_result_at_midnight(run, presses, midnight):
    tasks = _start(run, presses)
    await asyncio.sleep(midnight)
    at_midnight = {press: task.result() or "not done" for press, task in tasks.items()}
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    return at_midnight, _states(tasks)


@wrong("two_reports", "result too early")
async def asks_for_failures_first(run, presses, midnight):
    def state(task):
        if task.exception() is not None:
            return f"failed: {task.exception()}"
        return task.result() if task.done() else "not done"

    tasks = _start(run, presses)
    await asyncio.sleep(midnight)
    at_midnight = {press: state(task) for press, task in tasks.items()}
    await asyncio.wait(tasks.values())
    return at_midnight, {press: state(task) for press, task in tasks.items()}


@wrong("two_reports", "limit stops the work")
async def waits_with_a_limit(run, presses, midnight):
    tasks = _start(run, presses)
    try:
        async with asyncio.timeout(midnight):
            await asyncio.gather(*tasks.values(), return_exceptions=True)
    except TimeoutError:
        pass
    at_midnight = _states({press: task for press, task in tasks.items() if not task.cancelled()})
    return dict.fromkeys(presses, "not done") | at_midnight, at_midnight


@wrong("two_reports", "limit stops the work")
async def waits_for_each_with_a_limit(run, presses, midnight):
    async def state(press):
        try:
            return await asyncio.wait_for(run(press), midnight)
        except TimeoutError:
            return "not done"
        except Exception as error:
            return f"failed: {error}"

    states = dict(zip(presses, await asyncio.gather(*map(state, presses)), strict=True))
    return states, states


@wrong("two_reports", "looking is waiting")
async def waits_before_it_looks(run, presses, midnight):
    tasks = _start(run, presses)
    await asyncio.sleep(midnight)
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    return _states(tasks), _states(tasks)


@wrong("two_reports", "one by one")
async def runs_one_press_at_a_time(run, presses, midnight):
    states = {}
    for press in presses:
        try:
            states[press] = await run(press)
        except Exception as error:
            states[press] = f"failed: {error}"
    return states, states


@wrong("two_reports", "not begun")
async def starts_them_after_midnight(run, presses, midnight):
    calls = [run(press) for press in presses]
    await asyncio.sleep(midnight)
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    states = [o if isinstance(o, str) else f"failed: {o}" for o in outcomes]
    return dict.fromkeys(presses, "not done"), dict(zip(presses, states, strict=True))


@wrong("two_reports", "leaked")
async def leaves_after_midnight(run, presses, midnight):
    tasks = _start(run, presses)
    await asyncio.sleep(midnight)
    return _states(tasks), _states(tasks)


@wrong("two_reports", "guessed")
async def waits_in_steps(run, presses, midnight):
    tasks = _start(run, presses)
    await asyncio.sleep(midnight)
    at_midnight = _states(tasks)
    while "not done" in _states(tasks).values():
        await asyncio.sleep(0.3003)
    return at_midnight, _states(tasks)


@wrong("two_reports", "blocked loop")
async def blocks_until_midnight(run, presses, midnight):
    tasks = _start(run, presses)
    time.sleep(midnight)
    at_midnight = _states(tasks)
    await asyncio.wait(tasks.values())
    return at_midnight, _states(tasks)


@wrong("two_reports", "exception as result")
async def puts_outcomes_into_the_second_report(run, presses, midnight):
    tasks = _start(run, presses)
    await asyncio.sleep(midnight)
    at_midnight = _states(tasks)
    outcomes = await asyncio.gather(*tasks.values(), return_exceptions=True)
    return at_midnight, dict(zip(presses, outcomes, strict=True))


@wrong("two_reports", "one failure loses all")
async def gathers_at_once(run, presses, midnight):
    sentences = await asyncio.gather(*map(run, presses))
    return dict(zip(presses, sentences, strict=True)), dict(zip(presses, sentences, strict=True))


@wrong("two_reports", "result raises")
async def gathers_without_keeping(run, presses, midnight):
    tasks = _start(run, presses)
    await asyncio.sleep(midnight)
    at_midnight = _states(tasks)
    await asyncio.gather(*tasks.values())
    return at_midnight, _states(tasks)


@wrong("two_reports", "result raises")
async def asks_for_the_result_of_who_has_failed(run, presses, midnight):
    tasks = _start(run, presses)
    await asyncio.sleep(midnight)
    at_midnight = {p: task.result() if task.done() else "not done" for p, task in tasks.items()}
    await asyncio.wait(tasks.values())
    return at_midnight, _states(tasks)


@wrong("two_reports", "limit stops the work")
async def catches_no_midnight(run, presses, midnight):
    tasks = {press: asyncio.create_task(run(press)) for press in presses}
    async with asyncio.timeout(midnight):
        await asyncio.gather(*tasks.values(), return_exceptions=True)
    return dict.fromkeys(presses, "not done"), {
        press: task.result() for press, task in tasks.items()
    }


@right("two_reports")
async def notes_the_states_as_they_end(run, presses, midnight):
    states = dict.fromkeys(presses, "not done")

    async def one(press):
        try:
            states[press] = await run(press)
        except Exception as error:
            states[press] = f"failed: {error}"

    async with asyncio.TaskGroup() as group:
        for press in presses:
            group.create_task(one(press))
        await asyncio.sleep(midnight)
        at_midnight = dict(states)
    return at_midnight, states


@right("two_reports")
async def is_told_by_callbacks(run, presses, midnight):
    states, tasks = dict.fromkeys(presses, "not done"), _start(run, presses)
    for press, task in tasks.items():
        task.set_name(press)
        task.add_done_callback(lambda task: states.update({task.get_name(): _state(task)}))
    await asyncio.sleep(midnight)
    at_midnight = dict(states)
    for task in tasks.values():
        await asyncio.wait([task])
    await asyncio.sleep(0)
    return at_midnight, states


# -- night_office --------------------------------------------------------------------------


async def _each(next_order):
    while (address := await next_order()) is not None:
        yield address


def _count(tasks):
    return sum(task.exception() is None for task in tasks)


@wrong("night_office", "lost")
async def forgets_the_errands(next_order, deliver, report):
    delivered = 0

    async def errand(address):
        nonlocal delivered
        try:
            await deliver(address)
            delivered += 1
        except Exception as error:
            report(address, str(error))

    async for address in _each(next_order):
        asyncio.create_task(errand(address))
    await asyncio.sleep(5)
    return delivered


@wrong("night_office", "leaked")
async def goes_home_when_the_office_closes(next_order, deliver, report):
    tasks, delivered = [], 0

    async def errand(address):
        nonlocal delivered
        try:
            await deliver(address)
            delivered += 1
        except Exception as error:
            report(address, str(error))

    tasks += [asyncio.create_task(errand(address)) async for address in _each(next_order)]
    return delivered


@wrong("night_office", "one by one")
async def delivers_before_the_next_order(next_order, deliver, report):
    delivered = 0
    async for address in _each(next_order):
        try:
            await deliver(address)
            delivered += 1
        except Exception as error:
            report(address, str(error))
    return delivered


@wrong("night_office", "not begun")
async def collects_coroutines(next_order, deliver, report):
    addresses = [address async for address in _each(next_order)]
    outcomes = await asyncio.gather(*map(deliver, addresses), return_exceptions=True)
    for address, outcome in zip(addresses, outcomes, strict=True):
        if isinstance(outcome, Exception):
            report(address, str(outcome))
    return sum(isinstance(outcome, str) for outcome in outcomes)


@wrong("night_office", "heard late")
async def looks_in_the_morning(next_order, deliver, report):
    tasks = {}
    async for address in _each(next_order):
        tasks[address] = asyncio.create_task(deliver(address))
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    for address, task in tasks.items():
        if task.exception() is not None:
            report(address, str(task.exception()))
    return _count(tasks.values())


@wrong("night_office", "late closure")
async def reports_the_newest_order(next_order, deliver, report):
    tasks = []
    async for address in _each(next_order):
        task = asyncio.create_task(deliver(address))
        task.add_done_callback(
            lambda task: task.exception() and report(address, str(task.exception()))  # noqa: B023 - the mistake
        )
        tasks.append(task)
    await asyncio.gather(*tasks, return_exceptions=True)
    return _count(tasks)


@wrong("night_office", "called at any end")
async def reports_everybody(next_order, deliver, report):
    tasks = []

    def ended(task):
        report(task.get_name(), str(task.exception()))

    async for address in _each(next_order):
        tasks.append(asyncio.create_task(deliver(address), name=address))
        tasks[-1].add_done_callback(ended)
    await asyncio.gather(*tasks, return_exceptions=True)
    return _count(tasks)


@wrong("night_office", "called at once")
async def calls_the_callback(next_order, deliver, report):
    tasks = []
    async for address in _each(next_order):
        tasks.append(asyncio.create_task(deliver(address)))
        tasks[-1].add_done_callback(report(address, f"{address} does not answer"))
    await asyncio.gather(*tasks, return_exceptions=True)
    return _count(tasks)


@wrong("night_office", "stopped too soon")
async def catches_around_the_group(next_order, deliver, report):
    tasks = {}
    async with asyncio.TaskGroup() as group:
        try:
            async for address in _each(next_order):
                tasks[address] = group.create_task(deliver(address))
        except Exception as error:
            report(address, str(error))
    return len(tasks)


@wrong("night_office", "guessed")
async def looks_every_tenth_of_a_second(next_order, deliver, report):
    under_way, delivered = set(), 0

    async def errand(address):
        nonlocal delivered
        try:
            await deliver(address)
            delivered += 1
        except Exception as error:
            report(address, str(error))
        finally:
            under_way.discard(asyncio.current_task())

    async for address in _each(next_order):
        under_way.add(asyncio.create_task(errand(address)))
    while under_way:
        await asyncio.sleep(0.1003)
    return delivered


@wrong("night_office", "wrong result")
async def reports_the_name_of_the_task(next_order, deliver, report):
    def ended(task):
        if task.exception() is not None:
            report(task.get_name(), str(task.exception()))

    tasks = [asyncio.create_task(deliver(address)) async for address in _each(next_order)]
    for task in tasks:
        task.add_done_callback(ended)
    await asyncio.gather(*tasks, return_exceptions=True)
    return _count(tasks)


@wrong("night_office", "never awaited")
async def has_an_async_callback(next_order, deliver, report):
    tasks = []

    async def ended(task):
        if task.exception() is not None:
            report(task.get_name(), str(task.exception()))

    async for address in _each(next_order):
        tasks.append(asyncio.create_task(deliver(address), name=address))
        tasks[-1].add_done_callback(ended)
    await asyncio.gather(*tasks, return_exceptions=True)
    return _count(tasks)


@wrong("night_office", "one failure loses all")
async def lets_a_failure_through(next_order, deliver, report):
    tasks = []
    try:
        async for address in _each(next_order):
            tasks.append(asyncio.create_task(deliver(address)))
    except Exception as error:
        report(address, str(error))
    await asyncio.gather(*tasks)
    return _count(tasks)


@wrong("night_office", "failure lost")
async def keeps_failures_and_tells_nobody(next_order, deliver, report):
    tasks = [asyncio.create_task(deliver(address)) async for address in _each(next_order)]
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    return sum(isinstance(outcome, str) for outcome in outcomes)


@wrong("night_office", "wrong result")
async def counts_the_orders(next_order, deliver, report):
    async def errand(address):
        try:
            await deliver(address)
        except Exception as error:
            report(address, str(error))

    tasks = [asyncio.create_task(errand(address)) async for address in _each(next_order)]
    return len(await asyncio.gather(*tasks))


@right("night_office")
async def has_a_group(next_order, deliver, report):
    delivered = []

    async def errand(address):
        try:
            delivered.append(await deliver(address))
        except Exception as error:
            report(address, f"{error}")

    async with asyncio.TaskGroup() as group:
        async for address in _each(next_order):
            group.create_task(errand(address))
    return len(delivered)


@right("night_office")
async def is_told_by_callbacks_with_an_argument(next_order, deliver, report):
    tasks = set()
    async for address in _each(next_order):

        def ended(task, address=address):
            if task.exception() is not None:
                report(address, str(task.exception()))

        task = asyncio.create_task(deliver(address))
        task.add_done_callback(ended)
        tasks.add(task)
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    return sum(not isinstance(outcome, Exception) for outcome in outcomes)


@right("night_office")
async def is_told_by_names(next_order, deliver, report):
    tasks = []

    def ended(task):
        if task.exception() is not None:
            report(task.get_name(), str(task.exception()))

    while address := await next_order():
        tasks.append(asyncio.create_task(deliver(address), name=address))
        tasks[-1].add_done_callback(ended)
    if tasks:
        await asyncio.wait(tasks)
    return _count(tasks)
