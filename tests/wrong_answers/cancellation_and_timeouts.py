"""Answers to the exercises of lesson 05."""

# ruff: noqa: BLE001, E722 - people do catch everything

import asyncio
from contextlib import suppress

from . import right, wrong

# -- boats_home ----------------------------------------------------------------------------


@wrong("boats_home", "never began")
def ties_up_everybody(seconds, kept_in, radio):
    reports = [boat for boat in seconds if boat not in kept_in and seconds[boat] < radio]
    return reports, sorted(seconds)


@wrong("boats_home", "cancelled, not awaited")
def ties_up_who_has_a_report(seconds, kept_in, radio):
    reports = [boat for boat in seconds if boat not in kept_in and seconds[boat] < radio]
    return reports, reports


@wrong("boats_home", "done and cancelled")
def calls_back_who_is_done(seconds, kept_in, radio):
    return [], [boat for boat in seconds if boat not in kept_in]


@wrong("boats_home", "measured")
def lets_everybody_sail(seconds, kept_in, radio):
    return [boat for boat in seconds if seconds[boat] < radio], sorted(seconds)


@wrong("boats_home", "measured")
def ties_up_who_is_called_back(seconds, kept_in, radio):
    reports = [boat for boat in seconds if boat not in kept_in and seconds[boat] < radio]
    return reports, [boat for boat in seconds if boat not in reports]


@right("boats_home")
def has_two_sets(seconds, kept_in, radio):
    sailed = set(seconds) - set(kept_in)
    done = {boat for boat, wait in seconds.items() if wait < radio}
    return sorted(sailed & done), sorted(sailed)


# -- photo_trips ---------------------------------------------------------------------------


@wrong("photo_trips", "queueing counts")
async def waits_for_a_boat_in_the_limit(sail, places, boats, patience, closing):
    photos = {}

    async def trip(place):
        async with asyncio.timeout(patience), boats:
            photos[place] = await sail(place)

    with suppress(TimeoutError):
        async with asyncio.timeout(closing):
            await asyncio.gather(*map(trip, places), return_exceptions=True)
    return photos


@wrong("photo_trips", "queueing counts")
async def mistakes_the_two_limits(sail, places, boats, patience, closing):
    photos = {}

    async def trip(place):
        async with boats, asyncio.timeout(closing):
            photos[place] = await sail(place)

    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await asyncio.gather(*map(trip, places), return_exceptions=True)
    return photos


@wrong("photo_trips", "seen from inside")
async def catches_what_is_seen_inside(sail, places, boats, patience, closing):
    photos = {}

    async def trip(place):
        async with boats, asyncio.timeout(patience):
            photos[place] = await sail(place)

    try:
        async with asyncio.timeout(closing):
            await asyncio.gather(*map(trip, places), return_exceptions=True)
    except asyncio.CancelledError:
        pass
    return photos


@wrong("photo_trips", "seen from inside")
async def catches_within_the_block(sail, places, boats, patience, closing):
    photos = {}

    async def trip(place):
        async with boats, asyncio.timeout(patience):
            photos[place] = await sail(place)

    async with asyncio.timeout(closing):
        try:
            await asyncio.gather(*map(trip, places), return_exceptions=True)
        except TimeoutError:
            pass
    return photos


@wrong("photo_trips", "never gives up")
async def has_no_limit_for_a_trip(sail, places, boats, patience, closing):
    photos = {}

    async def trip(place):
        async with boats:
            photos[place] = await sail(place)

    with suppress(TimeoutError):
        async with asyncio.timeout(closing):
            await asyncio.gather(*map(trip, places), return_exceptions=True)
    return photos


@wrong("photo_trips", "each is not all")
async def has_limits_for_trips_only(sail, places, boats, patience, closing):
    photos = {}

    async def trip(place):
        async with boats, asyncio.timeout(patience):
            photos[place] = await sail(place)

    await asyncio.gather(*map(trip, places), return_exceptions=True)
    return photos


@wrong("photo_trips", "lost at the limit")
async def takes_the_list_of_the_gather(sail, places, boats, patience, closing):
    async def trip(place):
        async with boats, asyncio.timeout(patience):
            return await sail(place)

    try:
        async with asyncio.timeout(closing):
            photos = await asyncio.gather(*map(trip, places), return_exceptions=True)
    except TimeoutError:
        return {}
    return {p: photo for p, photo in zip(places, photos, strict=True) if isinstance(photo, str)}


@wrong("photo_trips", "fresh semaphore")
async def takes_a_boat_of_its_own(sail, places, boats, patience, closing):
    photos = {}

    async def trip(place):
        async with asyncio.Semaphore(2), asyncio.timeout(patience):
            photos[place] = await sail(place)

    with suppress(TimeoutError):
        async with asyncio.timeout(closing):
            await asyncio.gather(*map(trip, places), return_exceptions=True)
    return photos


@wrong("photo_trips", "asked too little")
async def enters_the_wrong_way(sail, places, boats, patience, closing):
    photos = {}

    async def trip(place):
        with boats:
            photos[place] = await sail(place)

    await asyncio.gather(*map(trip, places), return_exceptions=True)
    return photos


@wrong("photo_trips", "leaked")
async def leaves_who_is_under_way(sail, places, boats, patience, closing):
    photos = {}

    async def trip(place):
        async with boats, asyncio.timeout(patience):
            photos[place] = await sail(place)

    await asyncio.wait([asyncio.create_task(trip(place)) for place in places], timeout=closing)
    return photos


@right("photo_trips")
async def reads_the_tasks_afterwards(sail, places, boats, patience, closing):
    async def trip(place):
        async with boats:
            return await asyncio.wait_for(sail(place), patience)

    trips = {place: asyncio.create_task(trip(place)) for place in places}
    _, pending = await asyncio.wait(trips.values(), timeout=closing)
    for task in pending:
        task.cancel()
    outcomes = await asyncio.gather(*trips.values(), return_exceptions=True)
    return {p: o for p, o in zip(places, outcomes, strict=True) if isinstance(o, str)}


@right("photo_trips")
async def has_a_crew_for_each_boat(sail, places, boats, patience, closing):
    photos, waiting = {}, iter(places)

    async def crew():
        for place in waiting:
            with suppress(TimeoutError):
                photos[place] = await asyncio.wait_for(sail(place), patience)

    with suppress(TimeoutError):
        async with asyncio.timeout(closing), asyncio.TaskGroup() as group:
            while not boats.locked():
                await boats.acquire()
                group.create_task(crew())
    return photos


# -- bring_in ------------------------------------------------------------------------------


@wrong("bring_in", "end raised")
def awaits_the_horn():
    return "7 4> 1> 6>> 3> 8>> 5>> 9>"


@wrong("bring_in", "cancelled, not awaited")
def does_not_wait_for_silence():
    return "7 4> 1> 6>> 3> 8>> 9>"


@wrong("bring_in", "not asked to stop")
def waits_without_a_request():
    return "7 4> 1> 6>> 3> 2>> 9>"


@wrong("bring_in", "leaked")
def never_stops_the_horn():
    return "7 4> 6> 9>"


@wrong("bring_in", "leaked")
def stops_it_on_good_days():
    return "7 4> 6> 8> 2> 9>"


@wrong("bring_in", "misplaced")
def has_a_try_of_its_own():
    return "7 4> 1> 6>> 8> 2> 9>"


@wrong("bring_in", "never began")
def stops_it_before_the_boat_is_in():
    return "7 4> 1> 8>> 3> 2>> 6> 9>"


@right("bring_in")
def returns_in_the_try():
    return "7 4> 1> 6>> 9>> 3> 8>> 2>>"


@right("bring_in")
def returns_at_the_end_of_the_finally():
    return "7 1> 4>> 6>> 3> 8>> 2>> 9>"


# -- radio_round ---------------------------------------------------------------------------

BROKEN_OFF = "the round is broken off"


@wrong("radio_round", "request swallowed")
async def mends_the_inner_clause_only(call, boats):
    positions = {}
    try:
        for boat in boats:
            while boat not in positions:
                try:
                    positions[boat] = await call(boat)
                except Exception:
                    print("no answer from", boat)
    except asyncio.CancelledError:
        print(BROKEN_OFF)
    return positions


@wrong("radio_round", "request swallowed")
async def mends_the_outer_clause_only(call, boats):
    positions = {}
    try:
        for boat in boats:
            while boat not in positions:
                try:
                    positions[boat] = await call(boat)
                except:
                    print("no answer from", boat)
    except asyncio.CancelledError:
        print(BROKEN_OFF)
        raise
    return positions


@wrong("radio_round", "request swallowed")
async def leaves_the_loop_at_the_request(call, boats):
    positions = {}
    for boat in boats:
        while boat not in positions:
            try:
                positions[boat] = await call(boat)
            except asyncio.CancelledError:
                print(BROKEN_OFF)
                return positions
            except Exception:
                print("no answer from", boat)
    return positions


@wrong("radio_round", "request swallowed")
async def raises_something_else(call, boats):
    positions = {}
    for boat in boats:
        while boat not in positions:
            try:
                positions[boat] = await call(boat)
            except asyncio.CancelledError:
                print(BROKEN_OFF)
                raise RuntimeError(BROKEN_OFF) from None
            except Exception:
                print("no answer from", boat)
    return positions


@wrong("radio_round", "request swallowed")
async def makes_a_time_limit_of_the_request(call, boats):
    positions = {}
    try:
        for boat in boats:
            while boat not in positions:
                with suppress(Exception):
                    positions[boat] = await call(boat)
    except asyncio.CancelledError:
        print(BROKEN_OFF)
        raise TimeoutError from None
    return positions


@wrong("radio_round", "not told")
async def does_not_say_so(call, boats):
    positions = {}
    for boat in boats:
        while boat not in positions:
            try:
                positions[boat] = await call(boat)
            except Exception:
                print("no answer from", boat)
    return positions


@wrong("radio_round", "not told")
async def always_says_so(call, boats):
    positions = {}
    try:
        for boat in boats:
            while boat not in positions:
                try:
                    positions[boat] = await call(boat)
                except Exception:
                    print("no answer from", boat)
    finally:
        print(BROKEN_OFF)
    return positions


@wrong("radio_round", "asked too little")
async def calls_each_boat_once(call, boats):
    positions = {}
    try:
        for boat in boats:
            try:
                positions[boat] = await call(boat)
            except Exception:
                print("no answer from", boat)
    except asyncio.CancelledError:
        print(BROKEN_OFF)
        raise
    return positions


@wrong("radio_round", "one at a time")
async def calls_all_boats_at_once(call, boats):
    async def until_it_answers(boat):
        while True:
            try:
                return await call(boat)
            except Exception:
                print("no answer from", boat)

    try:
        positions = await asyncio.gather(*map(until_it_answers, boats))
    except asyncio.CancelledError:
        print(BROKEN_OFF)
        raise
    return dict(zip(boats, positions, strict=True))


@wrong("radio_round", "pause added")
async def pauses_before_it_calls_again(call, boats):
    positions = {}
    try:
        for boat in boats:
            while boat not in positions:
                try:
                    positions[boat] = await call(boat)
                except Exception:
                    await asyncio.sleep(0.5)
    except asyncio.CancelledError:
        print(BROKEN_OFF)
        raise
    return positions


@wrong("radio_round", "leaked")
async def shields_each_call(call, boats):
    positions = {}
    try:
        for boat in boats:
            while boat not in positions:
                try:
                    positions[boat] = await asyncio.shield(call(boat))
                except Exception:
                    print("no answer from", boat)
    except asyncio.CancelledError:
        print(BROKEN_OFF)
        raise
    return positions


@wrong("radio_round", "cancelled, not awaited")
async def stops_each_call_and_leaves(call, boats):
    positions = {}
    for boat in boats:
        while boat not in positions:
            task = asyncio.create_task(call(boat))
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                print(BROKEN_OFF)
                task.cancel()
                raise
            if task.exception() is None:
                positions[boat] = task.result()
    return positions


@right("radio_round")
async def lets_the_request_pass_by_name(call, boats):
    positions = {}
    for boat in boats:
        while boat not in positions:
            try:
                positions[boat] = await call(boat)
            except asyncio.CancelledError:
                print(BROKEN_OFF)
                raise
            except:
                print("no answer from", boat)
    return positions


@right("radio_round")
async def counts_in_a_finally(call, boats):
    positions, waiting = {}, list(boats)
    try:
        while waiting:
            with suppress(Exception):
                positions[waiting[0]] = await call(waiting[0])
                waiting.pop(0)
    finally:
        if waiting:
            print(BROKEN_OFF)
    return positions


@right("radio_round")
async def asks_each_call_for_its_outcome(call, boats):
    positions = {}
    try:
        for boat in boats:
            while boat not in positions:
                (outcome,) = await asyncio.gather(call(boat), return_exceptions=True)
                if not isinstance(outcome, Exception):
                    positions[boat] = outcome
    except BaseException:
        print(BROKEN_OFF)
        raise
    return positions


# -- file_report ---------------------------------------------------------------------------


@wrong("file_report", "torn")
async def has_no_shield(fetch, write, place):
    return await write(await fetch(place))


@wrong("file_report", "torn")
async def writes_in_a_task(fetch, write, place):
    report = await fetch(place)
    writing = asyncio.create_task(write(report))
    try:
        return await writing
    finally:
        await asyncio.wait([writing])


@wrong("file_report", "torn")
async def writes_in_a_finally(fetch, write, place):
    report = None
    try:
        report = await fetch(place)
    finally:
        if report is not None:
            receipt = await write(report)
    return receipt


@wrong("file_report", "torn")
async def writes_once_more(fetch, write, place):
    report = await fetch(place)
    try:
        return await write(report)
    except asyncio.CancelledError:
        await write(report)
        raise


@wrong("file_report", "shield only")
async def shields_and_leaves(fetch, write, place):
    return await asyncio.shield(write(await fetch(place)))


@wrong("file_report", "shield only")
async def keeps_and_does_not_wait(fetch, write, place):
    report = await fetch(place)
    writing = asyncio.create_task(write(report))
    await asyncio.wait([writing])
    return writing.result()


@wrong("file_report", "guessed")
async def sleeps_for_the_write(fetch, write, place):
    writing = asyncio.create_task(write(await fetch(place)))
    try:
        return await asyncio.shield(writing)
    except asyncio.CancelledError:
        await asyncio.sleep(2)
        raise


@wrong("file_report", "called too often")
async def shields_and_writes_again(fetch, write, place):
    report = await fetch(place)
    try:
        return await asyncio.shield(write(report))
    except asyncio.CancelledError:
        await write(report)
        raise


@wrong("file_report", "shield too wide")
async def shields_both_steps(fetch, write, place):
    async def both():
        return await write(await fetch(place))

    task = asyncio.create_task(both())
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


@wrong("file_report", "request swallowed")
async def waits_and_returns(fetch, write, place):
    writing = asyncio.create_task(write(await fetch(place)))
    try:
        return await asyncio.shield(writing)
    except asyncio.CancelledError:
        return await writing


@wrong("file_report", "request swallowed")
async def returns_nothing_when_cancelled(fetch, write, place):
    try:
        writing = asyncio.create_task(write(await fetch(place)))
    except asyncio.CancelledError:
        return None
    try:
        return await asyncio.shield(writing)
    except asyncio.CancelledError:
        await asyncio.wait([writing])
        raise


@wrong("file_report", "failure dropped")
async def gathers_and_drops_the_failure(fetch, write, place):
    report = await fetch(place)
    writing = asyncio.create_task(write(report))
    try:
        await asyncio.wait([writing])
    except asyncio.CancelledError:
        await asyncio.wait([writing])
        raise
    return None if writing.exception() else writing.result()


@right("file_report")
async def waits_without_a_shield(fetch, write, place):
    report = await fetch(place)
    writing = asyncio.create_task(write(report))
    try:
        await asyncio.wait([writing])
    except asyncio.CancelledError:
        await asyncio.wait([writing])
        raise
    return await writing


@right("file_report")
async def asks_until_it_is_done(fetch, write, place):
    writing, request = asyncio.ensure_future(write(await fetch(place))), None
    while not writing.done():
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError as error:
            request = error
        except Exception as error:
            print(error)
    if request is not None:
        raise request
    return writing.result()


# -- sea_chart -----------------------------------------------------------------------------


@wrong("sea_chart", "one by one")
async def asks_for_the_old_one_later(ask, new, old, patience):
    try:
        return await asyncio.wait_for(ask(new), patience)
    except Exception:
        return await ask(old)


@wrong("sea_chart", "one by one")
async def keeps_the_spare_as_a_coroutine(ask, new, old, patience):
    spare = ask(old)
    try:
        return await asyncio.wait_for(ask(new), patience)
    except Exception:
        return await spare
    finally:
        spare.close()


@wrong("sea_chart", "leaked")
async def leaves_the_spare_alone(ask, new, old, patience):
    spare = asyncio.create_task(ask(old))
    try:
        return await asyncio.wait_for(ask(new), patience)
    except Exception:
        return await spare


@wrong("sea_chart", "cancelled, not awaited")
async def cancels_the_spare_and_leaves(ask, new, old, patience):
    spare = asyncio.create_task(ask(old))
    try:
        return await asyncio.wait_for(ask(new), patience)
    except Exception:
        return await spare
    finally:
        spare.cancel()


@wrong("sea_chart", "not asked to stop")
async def waits_for_both(ask, new, old, patience):
    async def in_time():
        async with asyncio.timeout(patience):
            return await ask(new)

    chart, spare = await asyncio.gather(in_time(), ask(old), return_exceptions=True)
    if isinstance(chart, str):
        return chart
    if isinstance(spare, Exception):
        raise spare
    return spare


@wrong("sea_chart", "not asked to stop")
async def awaits_the_spare_at_the_end(ask, new, old, patience):
    spare = asyncio.create_task(ask(old))
    try:
        return await asyncio.wait_for(ask(new), patience)
    except Exception:
        return await spare
    finally:
        await asyncio.wait([spare])


@wrong("sea_chart", "late or failed")
async def catches_the_limit_only(ask, new, old, patience):
    spare = asyncio.create_task(ask(old))
    try:
        return await asyncio.wait_for(ask(new), patience)
    except TimeoutError:
        return await spare
    finally:
        spare.cancel()
        await asyncio.wait([spare])


@wrong("sea_chart", "request swallowed")
async def catches_everything(ask, new, old, patience):
    spare = asyncio.create_task(ask(old))
    try:
        return await asyncio.wait_for(ask(new), patience)
    except:
        return await spare
    finally:
        spare.cancel()
        await asyncio.wait([spare])


@wrong("sea_chart", "not asked to stop")
async def shields_the_late_one(ask, new, old, patience):
    charts = first, spare = [asyncio.create_task(ask(chart)) for chart in (new, old)]
    try:
        async with asyncio.timeout(patience):
            return await asyncio.shield(first)
    except Exception:
        return await spare
    finally:
        for chart in charts:
            chart.cancel()
        await asyncio.wait(charts)


@wrong("sea_chart", "leaked")
async def tidies_up_after_success_only(ask, new, old, patience):
    spare = asyncio.create_task(ask(old))
    try:
        chart = await asyncio.wait_for(ask(new), patience)
    except Exception:
        return await spare
    spare.cancel()
    await asyncio.wait([spare])
    return chart


@wrong("sea_chart", "first is best")
async def takes_whichever_is_first(ask, new, old, patience):
    charts = [asyncio.create_task(ask(chart)) for chart in (old, new)]
    try:
        for chart in asyncio.as_completed(charts, timeout=patience):
            with suppress(Exception):
                return await chart
        return await charts[0]
    finally:
        for chart in charts:
            if not chart.cancelling():
                chart.cancel()
        await asyncio.wait(charts)


@wrong("sea_chart", "asked to stop twice")
async def cancels_both_in_the_end(ask, new, old, patience):
    first, spare = charts = [asyncio.create_task(ask(chart)) for chart in (new, old)]
    try:
        await asyncio.wait([first], timeout=patience)
        if first.done() and first.exception() is None:
            return first.result()
        first.cancel()
        return await spare
    finally:
        for chart in charts:
            chart.cancel()
        await asyncio.wait(charts)


@wrong("sea_chart", "late or failed")
async def takes_the_old_one_only_if_it_is_late(ask, new, old, patience):
    spare = asyncio.create_task(ask(old))
    try:
        chart = await asyncio.wait_for(ask(new), patience)
    except TimeoutError:
        return await spare
    spare.cancel()
    await asyncio.wait([spare])
    return chart


@right("sea_chart")
async def has_two_tasks_and_waits(ask, new, old, patience):
    first, spare = charts = [asyncio.create_task(ask(chart)) for chart in (new, old)]
    try:
        await asyncio.wait([first], timeout=patience)
        if first.done() and first.exception() is None:
            return first.result()
        first.cancel()
        return await spare
    finally:
        for chart in charts:
            if not chart.cancelling():
                chart.cancel()
        await asyncio.wait(charts)


@right("sea_chart")
async def has_a_group_for_the_spare(ask, new, old, patience):
    async with asyncio.TaskGroup() as group:
        spare = group.create_task(asyncio.wait_for(ask(old), None))
        try:
            chart = await asyncio.wait_for(ask(new), patience)
        except Exception:
            chart = await asyncio.shield(spare)
        else:
            spare.cancel()
    return chart
