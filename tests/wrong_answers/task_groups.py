"""Answers to the exercises of lesson 09."""

# ruff: noqa: BLE001, TRY301 - people do catch everything, also what they have just raised

import asyncio

from . import right, wrong

# -- edition_seconds -----------------------------------------------------------------------


@wrong("edition_seconds", "left at the failure")
def the_failure_ends_it(seconds, missing, saving):
    return seconds[missing]


@wrong("edition_seconds", "group like gather")
def waits_for_the_slowest_part(seconds, missing, saving):
    return max(seconds.values())


@wrong("edition_seconds", "sum expected")
def saves_one_draft_after_the_other(seconds, missing, saving):
    failure = seconds[missing]
    return failure + sum(saving[part] for part in seconds if seconds[part] > failure)


@wrong("edition_seconds", "done is stopped")
def has_everybody_save(seconds, missing, saving):
    return seconds[missing] + max(saving.values())


@wrong("edition_seconds", "done is stopped")
def saves_the_missing_part(seconds, missing, saving):
    return seconds[missing] + saving[missing]


@wrong("edition_seconds", "done is stopped")
def counts_the_missing_part_as_stopped(seconds, missing, saving):
    failure = seconds[missing]
    return failure + max(saving[part] for part in seconds if seconds[part] >= failure)


@wrong("edition_seconds", "measured")
def waits_for_the_first_that_is_stopped(seconds, missing, saving):
    failure = seconds[missing]
    stopped = [part for part in seconds if seconds[part] > failure]
    return failure + saving[stopped[0]]


@wrong("edition_seconds", "measured")
def waits_for_the_last_that_is_stopped(seconds, missing, saving):
    failure = seconds[missing]
    stopped = [part for part in seconds if seconds[part] > failure]
    return failure + saving[stopped[-1]]


@wrong("edition_seconds", "measured")
def waits_for_the_slowest_that_is_stopped(seconds, missing, saving):
    failure = seconds[missing]
    return failure + saving[max(seconds, key=seconds.get)]


@right("edition_seconds")
def looks_for_the_last_end(seconds, missing, saving):
    failure = seconds[missing]
    ends = {wait if wait <= failure else failure + saving[part] for part, wait in seconds.items()}
    return max(ends)


# -- front_page ----------------------------------------------------------------------------


@wrong("front_page", "result too early")
async def makes_tasks_without_the_group(prepare, parts):
    async with asyncio.TaskGroup():
        tasks = {part: asyncio.create_task(prepare(part)) for part in parts}
    return {part: task.result() for part, task in tasks.items()}


@wrong("front_page", "not of the group")
async def makes_tasks_without_the_group_and_awaits_them(prepare, parts):
    async with asyncio.TaskGroup():
        tasks = {part: asyncio.create_task(prepare(part)) for part in parts}
    return {part: await task for part, task in tasks.items()}


@wrong("front_page", "one by one")
async def awaits_each_task_in_the_block(prepare, parts):
    async with asyncio.TaskGroup() as group:
        return {part: await group.create_task(prepare(part)) for part in parts}


@wrong("front_page", "returned a coroutine")
async def returns_the_tasks(prepare, parts):
    async with asyncio.TaskGroup() as group:
        return {part: group.create_task(prepare(part)) for part in parts}


@wrong("front_page", "result too early")
async def asks_for_results_in_the_block(prepare, parts):
    async with asyncio.TaskGroup() as group:
        tasks = {part: group.create_task(prepare(part)) for part in parts}
        return {part: task.result() for part, task in tasks.items()}


@wrong("front_page", "nothing runs on")
async def gathers(prepare, parts):
    return dict(zip(parts, await asyncio.gather(*map(prepare, parts)), strict=True))


@wrong("front_page", "caught in the task")
async def catches_failures_in_the_tasks(prepare, parts):
    async def attempt(part):
        try:
            return await prepare(part)
        except Exception:
            return None

    async with asyncio.TaskGroup() as group:
        tasks = {part: group.create_task(attempt(part)) for part in parts}
    return {part: task.result() for part, task in tasks.items()}


@wrong("front_page", "failure dropped")
async def catches_the_group(prepare, parts):
    tasks = {}
    try:
        async with asyncio.TaskGroup() as group:
            tasks |= {part: group.create_task(prepare(part)) for part in parts}
    except* Exception as failures:
        print(failures)
        tasks.clear()
    return {part: task.result() for part, task in tasks.items()}


@wrong("front_page", "not called")
async def names_the_method_only(prepare, parts):
    async with asyncio.TaskGroup() as group:
        tasks = {part: group.create_task(prepare(part)) for part in parts}
    return {part: task.result for part, task in tasks.items()}


@right("front_page")
async def fills_a_dictionary_from_within(prepare, parts):
    page = dict.fromkeys(parts)

    async def fill(part):
        page[part] = await prepare(part)

    async with asyncio.TaskGroup() as group:
        for part in parts:
            group.create_task(fill(part))
    return page


@right("front_page")
async def gathers_in_the_block(prepare, parts):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(prepare(part)) for part in parts]
        return dict(zip(parts, await asyncio.gather(*tasks), strict=True))


# -- what_went_wrong -----------------------------------------------------------------------


@wrong("what_went_wrong", "leaked")
def makes_the_task_without_asking_the_group():
    return "9 11> 8> 4>> 6>>> 7>>>> 10> 5>> 1> 12>> 3>"


@wrong("what_went_wrong", "one by one")
def opens_a_group_for_each_part():
    return "9 11> 8> 6>> 4>>> 2>>>> 10> 5>> 1> 12>> 3>"


@wrong("what_went_wrong", "group not opened")
def knows_of_missing_parts_only():
    return "9 11> 8> 4>> 6>>> 2>>>> 10> 5>> 3>"


@wrong("what_went_wrong", "misplaced")
def returns_in_a_clause():
    return "9 11> 8> 4>> 6>>> 2>>>> 10> 5>> 1> 12>> 3>>"


@wrong("what_went_wrong", "wrong pairs")
def mixes_up_the_clauses():
    return "9 11> 8> 4>> 6>>> 2>>>> 10> 12>> 1> 5>> 3>"


@wrong("what_went_wrong", "wrong result")
def forgets_the_lists_until_the_end():
    return "9 8> 4>> 6>>> 2>>>> 10> 5>> 1> 12>> 11> 3>"


@right("what_went_wrong")
def asks_for_the_disk_first():
    return "9 8> 11>> 4>> 6>>> 2>>>> 1> 12>> 10> 5>> 3>"


# -- ferry_pages ---------------------------------------------------------------------------


@wrong("ferry_pages", "cancelled, not awaited")
async def cancels_in_finally(prepare, parts):
    tasks = [asyncio.create_task(prepare(part)) for part in parts]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


@wrong("ferry_pages", "failure dropped")
async def waits_and_raises_the_first(prepare, parts):
    tasks = [asyncio.create_task(prepare(part)) for part in parts]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            if not task.cancelling():
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@wrong("ferry_pages", "asked to stop twice")
async def cancels_once_more_and_groups(prepare, parts):
    tasks = [asyncio.create_task(prepare(part)) for part in parts]
    try:
        return await asyncio.gather(*tasks)
    except BaseException as error:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        if isinstance(error, asyncio.CancelledError):
            raise
        failures = [each for each in outcomes if isinstance(each, Exception)]
        raise ExceptionGroup("no edition", failures) from None


@wrong("ferry_pages", "nothing runs on")
async def makes_tasks_beside_the_group(prepare, parts):
    async with asyncio.TaskGroup():
        tasks = [asyncio.create_task(prepare(part)) for part in parts]
    return await asyncio.gather(*tasks)


@wrong("ferry_pages", "nothing runs on")
async def leaves_out_the_cancelling(prepare, parts):
    return await asyncio.gather(*map(prepare, parts))


@wrong("ferry_pages", "failure dropped")
async def unpacks_the_first_of_the_group(prepare, parts):
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(prepare(part)) for part in parts]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


@wrong("ferry_pages", "failure dropped")
async def returns_nothing_when_it_fails(prepare, parts):
    tasks = []
    try:
        async with asyncio.TaskGroup() as group:
            tasks += [group.create_task(prepare(part)) for part in parts]
    except* Exception:
        tasks.clear()
    return [task.result() for task in tasks]


@wrong("ferry_pages", "partly one by one")
async def stops_one_after_the_other(prepare, parts):
    tasks = [asyncio.create_task(prepare(part)) for part in parts]
    try:
        return await asyncio.gather(*tasks)
    except Exception:
        failures = []
        for task in tasks:
            task.cancel()
            outcome, *_ = await asyncio.gather(task, return_exceptions=True)
            failures += [outcome] if isinstance(outcome, Exception) else []
        raise ExceptionGroup("no edition", failures) from None


@right("ferry_pages")
async def does_by_hand_what_a_group_does(prepare, parts):
    tasks = [asyncio.create_task(prepare(part)) for part in parts]
    try:
        return await asyncio.gather(*tasks)
    except Exception:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        failures = [each for each in outcomes if isinstance(each, Exception)]
        raise ExceptionGroup("no edition", failures) from None
    except asyncio.CancelledError:
        await asyncio.wait(tasks)
        raise


@right("ferry_pages")
async def appends_to_a_list_in_order(prepare, parts):
    pages = [None] * len(parts)

    async def page(number, part):
        pages[number] = await prepare(part)

    async with asyncio.TaskGroup() as group:
        for number, part in enumerate(parts):
            group.create_task(page(number, part))
    return pages


# -- weather_box ---------------------------------------------------------------------------


@wrong("weather_box", "stopped too soon")
async def catches_outside_of_the_group(ask, station, forecast, old):
    try:
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(ask(station))
            weather = group.create_task(ask(forecast))
    except* Exception:
        weather = asyncio.create_task(ask(old))
        await weather
    return reading.result(), weather.result()


@wrong("weather_box", "called too often")
async def asks_all_three_at_once(ask, station, forecast, old):
    first, second, third = await asyncio.gather(
        ask(station), ask(forecast), ask(old), return_exceptions=True
    )
    return first, third if isinstance(second, Exception) else second


@wrong("weather_box", "one by one")
async def asks_one_after_the_other(ask, station, forecast, old):
    reading = await ask(station)
    try:
        return reading, await ask(forecast)
    except Exception:
        return reading, await ask(old)


@wrong("weather_box", "chained needlessly")
async def looks_when_both_have_ended(ask, station, forecast, old):
    reading, weather = await asyncio.gather(ask(station), ask(forecast), return_exceptions=True)
    if isinstance(reading, Exception):
        raise reading
    return reading, await ask(old) if isinstance(weather, Exception) else weather


async def _ahead(ask, forecast, old):
    try:
        return await ask(forecast)
    except Exception:
        return await ask(old)


@wrong("weather_box", "nothing runs on")
async def gathers_with_a_fallback(ask, station, forecast, old):
    return await asyncio.gather(ask(station), _ahead(ask, forecast, old))


@wrong("weather_box", "caught in the task")
async def catches_the_station_as_well(ask, station, forecast, old):
    async def reading():
        try:
            return await ask(station)
        except Exception:
            return None

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(reading()), group.create_task(_ahead(ask, forecast, old))]
    return [task.result() for task in tasks]


@wrong("weather_box", "failure dropped")
async def makes_a_box_of_nothing(ask, station, forecast, old):
    box = None, None
    try:
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(ask(station))
            weather = group.create_task(_ahead(ask, forecast, old))
        box = reading.result(), weather.result()
    except* Exception:
        print("no box")
    return box


@wrong("weather_box", "wrong result")
async def returns_the_reading_twice(ask, station, forecast, old):
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(ask(station))
        group.create_task(_ahead(ask, forecast, old))
    return reading.result(), reading.result()


@wrong("weather_box", "request swallowed")
async def catches_every_base_exception(ask, station, forecast, old):
    async def ahead():
        try:
            return await ask(forecast)
        except BaseException:
            return await ask(old)

    async with asyncio.TaskGroup() as group:
        reading, weather = group.create_task(ask(station)), group.create_task(ahead())
    return reading.result(), weather.result()


@right("weather_box")
async def asks_the_station_in_the_block(ask, station, forecast, old):
    async with asyncio.TaskGroup() as group:
        weather = group.create_task(_ahead(ask, forecast, old))
        reading = await ask(station)
    return [reading, weather.result()]


@right("weather_box")
async def adds_a_task_to_the_group(ask, station, forecast, old):
    found = {}

    async def get(name, source, otherwise=None):
        try:
            found[name] = await ask(source)
        except Exception:
            if not otherwise:
                raise
            group.create_task(get(name, otherwise))

    async with asyncio.TaskGroup() as group:
        group.create_task(get("reading", station))
        group.create_task(get("weather", forecast, old))
    return found["reading"], found["weather"]


@right("weather_box")
async def stops_the_forecast_by_hand(ask, station, forecast, old):
    weather = asyncio.create_task(_ahead(ask, forecast, old))
    try:
        reading = await ask(station)
        return reading, await weather
    finally:
        weather.cancel()
        await asyncio.gather(weather, return_exceptions=True)


# -- enough_photos -------------------------------------------------------------------------


class Enough(Exception):
    """There are as many photos as are wanted."""


@wrong("enough_photos", "enough is not the end")
async def takes_the_first_when_all_have_come(ask, people, wanted):
    photos = []

    async def call(person):
        try:
            photos.append(await ask(person))
        except Exception:
            return

    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(call(person))
    return photos[:wanted]


@wrong("enough_photos", "enough is not the end")
async def returns_from_the_block(ask, people, wanted):
    photos = []

    async def call(person):
        try:
            photos.append(await ask(person))
        except Exception:
            return

    async with asyncio.TaskGroup() as group:
        calls = [group.create_task(call(person)) for person in people]
        for next_one in asyncio.as_completed(calls):
            await next_one
            if len(photos) == wanted:
                return photos
    return photos


@wrong("enough_photos", "enough is not the end")
async def catches_its_own_exception(ask, people, wanted):
    photos = []

    async def call(person):
        try:
            photos.append(await ask(person))
            if len(photos) == wanted:
                raise Enough
        except Exception as error:
            print(person, error)

    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(call(person))
    return photos[:wanted]


@wrong("enough_photos", "stopped late")
async def waits_for_one_photo_more(ask, people, wanted):
    class Enough(Exception):
        pass

    photos = []

    async def call(person):
        try:
            photo = await ask(person)
        except Exception:
            return
        photos.append(photo)
        if len(photos) > wanted:
            raise Enough

    try:
        async with asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(call(person))
    except* Enough:
        pass
    return photos[:wanted]


@wrong("enough_photos", "stopped too soon")
async def lets_a_failure_stop_everybody(ask, people, wanted):
    photos = []

    async def call(person):
        photos.append(await ask(person))
        if len(photos) == wanted:
            raise Enough

    try:
        async with asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(call(person))
    except* Exception:
        print("that is all")
    return photos


@wrong("enough_photos", "group not opened")
async def forgets_to_catch_enough(ask, people, wanted):
    photos = []

    async def call(person):
        try:
            photo = await ask(person)
        except Exception:
            return
        photos.append(photo)
        if len(photos) == wanted:
            raise Enough

    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(call(person))
    return photos


@wrong("enough_photos", "cancelled, not awaited")
async def cancels_the_others_and_returns(ask, people, wanted):
    calls, photos = [asyncio.create_task(ask(person)) for person in people], []
    for call in asyncio.as_completed(calls):
        try:
            photos.append(await call)
        except Exception:
            continue
        if len(photos) == wanted:
            break
    for call in calls:
        call.cancel()
    return photos


@wrong("enough_photos", "one by one")
async def asks_until_there_are_enough(ask, people, wanted):
    photos = []
    for person in reversed(people):
        try:
            photos.append(await ask(person))
        except Exception:
            continue
    return photos[:wanted]


@wrong("enough_photos", "wrong result")
async def keeps_the_photos_in_a_dictionary(ask, people, wanted):
    photos = await stops_in_the_block(ask, people, wanted)
    return dict.fromkeys(photos)


@right("enough_photos")
async def stops_in_the_block(ask, people, wanted):
    photos, has_come = [], asyncio.Semaphore(0)

    async def call(person):
        try:
            photos.append(await ask(person))
        except Exception:
            return
        finally:
            has_come.release()

    try:
        async with asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(call(person))
            for _ in people:
                await has_come.acquire()
                if len(photos) == wanted:
                    raise Enough
    except* Enough:
        return_value = photos
    else:
        return_value = photos
    return return_value


@right("enough_photos")
async def waits_in_a_loop_and_cleans_up(ask, people, wanted):
    pending, photos = {asyncio.create_task(ask(person)) for person in people}, []
    while pending and len(photos) < wanted:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        photos += [call.result() for call in done if not call.exception()]
    for call in pending:
        call.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    return photos
