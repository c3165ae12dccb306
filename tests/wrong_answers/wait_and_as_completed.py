"""Answers to the exercises of lesson 07."""

# ruff: noqa: BLE001 - people do catch everything

import asyncio
from asyncio import FIRST_COMPLETED, FIRST_EXCEPTION

from . import right, wrong

# -- second_look ---------------------------------------------------------------------------


@wrong("second_look", "only watched")
def the_timeout_ends_it_all(seconds, silent, deadline):
    return deadline


@wrong("second_look", "works when awaited")
def the_second_wait_begins_anew(seconds, silent, deadline):
    return deadline + min(each for each in seconds.values() if each > deadline)


@wrong("second_look", "waited for all")
def all_have_to_be_done(seconds, silent, deadline):
    return max(seconds.values())


@wrong("second_look", "a failure is not done")
def a_silent_buoy_does_not_count(seconds, silent, deadline):
    return min(s for buoy, s in seconds.items() if s > deadline and buoy not in silent)


@wrong("second_look", "measured")
def the_first_of_all_of_them(seconds, silent, deadline):
    return min(seconds.values())


@wrong("second_look", "measured")
def only_the_rest_of_the_time(seconds, silent, deadline):
    return min(each - deadline for each in seconds.values() if each > deadline)


@right("second_look")
def sorts_and_takes_the_next(seconds, silent, deadline):
    in_time = sum(each <= deadline for each in seconds.values())
    return sorted(seconds.values())[in_time]


@right("second_look")
def adds_the_smallest_rest(seconds, silent, deadline):
    return deadline + min(each - deadline for each in seconds.values() if each > deadline)


# -- fog_map -------------------------------------------------------------------------------


@wrong("fog_map", "waited for all")
async def gathers_and_then_lights(look, houses, light):
    outcomes = await asyncio.gather(*map(look, houses), return_exceptions=True)
    sights = {}
    for house, outcome in zip(houses, outcomes, strict=True):
        sights[house] = None if isinstance(outcome, Exception) else outcome
        if sights[house] is not None:
            await light(house)
    return sights


@wrong("fog_map", "waited for all")
async def looks_at_all_that_are_done(look, houses, light):
    tasks = {asyncio.create_task(look(house)): house for house in houses}
    sights = dict.fromkeys(houses)
    done, _ = await asyncio.wait(tasks)
    for task in done:
        if not task.exception():
            sights[tasks[task]] = task.result()
            await light(tasks[task])
    return sights


@wrong("fog_map", "head of the line")
async def awaits_the_tasks_in_turn(look, houses, light):
    tasks = {house: asyncio.create_task(look(house)) for house in houses}
    sights = dict.fromkeys(houses)
    for house, task in tasks.items():
        try:
            sights[house] = await task
        except Exception:
            continue
        await light(house)
    return sights


@wrong("fog_map", "arguments of gather")
async def hands_over_the_names(look, houses, light):
    sights = dict.fromkeys(houses)
    for house in asyncio.as_completed(houses):
        sights[house] = await look(house)
        await light(house)
    return sights


@wrong("fog_map", "wrong pairs")
async def pairs_by_position(look, houses, light):
    tasks = [asyncio.create_task(look(house)) for house in houses]
    sights = dict.fromkeys(houses)
    for house, following in zip(houses, asyncio.as_completed(tasks), strict=True):
        try:
            sights[house] = await following
        except Exception:
            continue
        await light(house)
    return sights


@wrong("fog_map", "one failure loses all")
async def ends_with_the_first_failure(look, houses, light):
    async def ask(house):
        return house, await look(house)

    sights = dict.fromkeys(houses)
    try:
        for following in asyncio.as_completed([asyncio.create_task(ask(h)) for h in houses]):
            house, sight = await following
            sights[house] = sight
            await light(house)
    except Exception as error:
        print(error)
    return sights


@wrong("fog_map", "one failure loses all")
async def lets_the_group_stop_everybody(look, houses, light):
    sights = dict.fromkeys(houses)

    async def one(house):
        sights[house] = await look(house)
        await light(house)

    try:
        async with asyncio.TaskGroup() as group:
            for house in houses:
                group.create_task(one(house))
    except* Exception:
        pass
    return sights


@wrong("fog_map", "one failure loses all")
async def catches_nothing(look, houses, light):
    async def ask(house):
        return house, await look(house)

    sights = dict.fromkeys(houses)
    for following in asyncio.as_completed(list(map(ask, houses))):
        house, sight = await following
        sights[house] = sight
        await light(house)
    return sights


@wrong("fog_map", "one by one")
async def asks_one_keeper_after_another(look, houses, light):
    sights = dict.fromkeys(houses)
    for house in houses:
        try:
            sights[house] = await look(house)
        except Exception:
            continue
        await light(house)
    return sights


@wrong("fog_map", "failure lost")
async def lights_every_lamp(look, houses, light):
    sights = dict.fromkeys(houses)

    async def one(house):
        try:
            sights[house] = await look(house)
        except Exception as error:
            print(error)
        await light(house)

    await asyncio.gather(*map(one, houses))
    return sights


@wrong("fog_map", "asked too little")
async def never_lights_a_lamp(look, houses, light):
    outcomes = await asyncio.gather(*map(look, houses), return_exceptions=True)
    pairs = zip(houses, outcomes, strict=True)
    return {house: None if isinstance(o, Exception) else o for house, o in pairs}


@wrong("fog_map", "leaked")
async def lights_in_the_background(look, houses, light):
    async def ask(house):
        return house, await look(house)

    sights = dict.fromkeys(houses)
    for following in asyncio.as_completed([asyncio.create_task(ask(h)) for h in houses]):
        try:
            house, sights[house] = await following
        except Exception:
            continue
        asyncio.create_task(light(house))  # noqa: RUF006 - the mistake
    return sights


@right("fog_map")
async def each_lights_its_own_lamp(look, houses, light):
    async def one(house):
        try:
            sight = await look(house)
        except Exception:
            return None
        await light(house)
        return sight

    return dict(zip(houses, await asyncio.gather(*map(one, houses)), strict=True))


@right("fog_map")
async def waits_for_the_first_again_and_again(look, houses, light):
    tasks = {asyncio.create_task(look(house)): house for house in houses}
    sights, pending = dict.fromkeys(houses), set(tasks)
    while pending:
        done, pending = await asyncio.wait(pending, return_when=FIRST_COMPLETED)
        for task in done:
            if task.exception() is None:
                sights[tasks[task]] = task.result()
                await light(tasks[task])
    return sights


@right("fog_map")
async def takes_them_from_a_queue(look, houses, light):
    queue, sights = asyncio.Queue(), dict.fromkeys(houses)

    async def ask(house):
        try:
            queue.put_nowait((house, await look(house)))
        except Exception:
            queue.put_nowait((house, None))

    async with asyncio.TaskGroup() as group:
        for house in houses:
            group.create_task(ask(house))
        for _ in houses:
            house, sight = await queue.get()
            if sight is not None:
                sights[house] = sight
                await light(house)
    return sights


# -- ferries_on_air ------------------------------------------------------------------------


@wrong("ferries_on_air", "order of done")
def walks_through_done():
    return "4 6> 2> 7>> 1> 3>"


@wrong("ferries_on_air", "only watched")
def stops_nobody():
    return "4 6> 5>"


@wrong("ferries_on_air", "only watched")
def waits_for_the_late_ones():
    return "4 6> 1> 5>"


@wrong("ferries_on_air", "cancelled, not awaited")
def does_not_wait_for_the_end():
    return "4 6> 2> 7>> 5>"


@wrong("ferries_on_air", "only watched")
def stops_after_waiting():
    return "4 6> 1> 2> 7>> 5>"


@wrong("ferries_on_air", "partly one by one")
def gathers_inside_the_loop():
    return "4 6> 2> 7>> 1>> 5>"


@wrong("ferries_on_air", "only watched")
def returns_from_inside_the_loop():
    return "4 6> 2> 7>> 1>> 5>>"


@wrong("ferries_on_air", "misplaced")
def has_the_loop_empty():
    return "4 6> 2> 7> 1> 5>"


@right("ferries_on_air")
def has_no_other_order():
    return "4 6> 2> 7>> 1> 5>"


# -- first_sight ---------------------------------------------------------------------------


async def _stop(tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@wrong("first_sight", "first done wins")
async def waits_for_the_stopped_only(ask, lookouts):
    tasks = [asyncio.create_task(ask(lookout)) for lookout in lookouts]
    done, pending = await asyncio.wait(tasks, return_when=FIRST_COMPLETED)
    await _stop(pending)
    return done.pop().result()


@wrong("first_sight", "first done wins")
async def gives_up_after_one_failure(ask, lookouts):
    tasks = [asyncio.create_task(ask(lookout)) for lookout in lookouts]
    done, pending = await asyncio.wait(tasks, return_when=FIRST_COMPLETED)
    await _stop(pending)
    for task in done:
        if not task.exception():
            return task.result()
    raise LookupError("nobody sees her")


@wrong("first_sight", "first done wins")
async def takes_the_first_of_as_completed(ask, lookouts):
    tasks = [asyncio.create_task(ask(lookout)) for lookout in lookouts]
    try:
        for following in asyncio.as_completed(tasks):
            return await following
    finally:
        await _stop(tasks)


@wrong("first_sight", "first done wins")
async def wakes_at_the_first_exception(ask, lookouts):
    tasks = [asyncio.create_task(ask(lookout)) for lookout in lookouts]
    done, pending = await asyncio.wait(tasks, return_when=FIRST_EXCEPTION)
    await _stop(pending)
    good = [task for task in tasks if task in done and not task.exception()]
    if not good:
        raise LookupError("nobody sees her")
    return good[0].result()


@wrong("first_sight", "one of several")
async def takes_one_and_forgets_the_set(ask, lookouts):
    pending = tasks = [asyncio.create_task(ask(lookout)) for lookout in lookouts]
    try:
        while pending:
            done, pending = await asyncio.wait(pending, return_when=FIRST_COMPLETED)
            task = done.pop()
            if task.exception() is None:
                return task.result()
        raise LookupError("nobody sees her")
    finally:
        await _stop(tasks)


@wrong("first_sight", "only watched")
async def leaves_the_losers_alone(ask, lookouts):
    pending = [asyncio.create_task(ask(lookout)) for lookout in lookouts]
    while pending:
        done, pending = await asyncio.wait(pending, return_when=FIRST_COMPLETED)
        for task in done:
            if task.exception() is None:
                return task.result()
    raise LookupError("nobody sees her")


@wrong("first_sight", "only watched")
async def leaves_the_loop_and_no_more(ask, lookouts):
    tasks = [asyncio.create_task(ask(lookout)) for lookout in lookouts]
    for following in asyncio.as_completed(tasks):
        try:
            return await following
        except Exception:
            continue
    raise LookupError("nobody sees her")


@wrong("first_sight", "head of the line")
async def awaits_them_in_turn(ask, lookouts):
    tasks = [asyncio.create_task(ask(lookout)) for lookout in lookouts]
    for task in tasks:
        try:
            answer = await task
        except Exception:
            continue
        await _stop(tasks)
        return answer
    raise LookupError("nobody sees her")


@wrong("first_sight", "cancelled, not awaited")
async def asks_the_losers_to_stop(ask, lookouts):
    pending = [asyncio.create_task(ask(lookout)) for lookout in lookouts]
    while pending:
        done, pending = await asyncio.wait(pending, return_when=FIRST_COMPLETED)
        for task in done:
            if task.exception() is None:
                for loser in pending:
                    loser.cancel()
                return task.result()
    raise LookupError("nobody sees her")


@wrong("first_sight", "waited for all")
async def gathers_and_takes_a_good_one(ask, lookouts):
    outcomes = await asyncio.gather(*map(ask, lookouts), return_exceptions=True)
    for outcome in outcomes:
        if not isinstance(outcome, Exception):
            return outcome
    raise LookupError("nobody sees her")


@wrong("first_sight", "one by one")
async def asks_one_after_another(ask, lookouts):
    for lookout in lookouts:
        try:
            return await ask(lookout)
        except Exception:
            continue
    raise LookupError("nobody sees her")


@wrong("first_sight", "failure lost")
async def returns_none_if_nobody_sees_her(ask, lookouts):
    pending = tasks = [asyncio.create_task(ask(lookout)) for lookout in lookouts]
    while pending:
        done, pending = await asyncio.wait(pending, return_when=FIRST_COMPLETED)
        for task in done:
            if task.exception() is None:
                await _stop(tasks)
                return task.result()
    return None


@wrong("first_sight", "other exception")
async def raises_the_last_failure(ask, lookouts):
    pending = tasks = [asyncio.create_task(ask(lookout)) for lookout in lookouts]
    try:
        while pending:
            done, pending = await asyncio.wait(pending, return_when=FIRST_COMPLETED)
            good = [task for task in done if not task.exception()]
            if good or not pending:
                return (good or list(done))[0].result()
    finally:
        await _stop(tasks)


@wrong("first_sight", "nothing to wait for")
async def waits_until_somebody_sees_her(ask, lookouts):
    pending = tasks = [asyncio.create_task(ask(lookout)) for lookout in lookouts]
    try:
        while True:
            done, pending = await asyncio.wait(pending, return_when=FIRST_COMPLETED)
            for task in done:
                if task.exception() is None:
                    return task.result()
    finally:
        await _stop(tasks)


@wrong("first_sight", "coroutines in wait")
async def hands_over_the_calls(ask, lookouts):
    done, pending = await asyncio.wait(map(ask, lookouts), return_when=FIRST_COMPLETED)
    await _stop(pending)
    return done.pop().result()


@wrong("first_sight", "partly one by one")
async def stops_one_after_another(ask, lookouts):
    pending = [asyncio.create_task(ask(lookout)) for lookout in lookouts]
    while pending:
        done, pending = await asyncio.wait(pending, return_when=FIRST_COMPLETED)
        for task in done:
            if task.exception() is None:
                for loser in pending:
                    await _stop([loser])
                return task.result()
    raise LookupError("nobody sees her")


@wrong("first_sight", "first done wins")
async def gives_up_at_the_first_failure(ask, lookouts):
    pending = [asyncio.create_task(ask(lookout)) for lookout in lookouts]
    done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        if task.exception():
            raise LookupError("nobody sees her")
        for other in pending:
            other.cancel()
        await asyncio.wait(pending)
    return done.pop().result()


@right("first_sight")
async def takes_the_first_good_round(ask, lookouts):
    tasks = [asyncio.create_task(ask(lookout)) for lookout in lookouts]
    try:
        for following in asyncio.as_completed(tasks):
            try:
                return await following
            except Exception as error:
                print(error)
        raise LookupError("nobody sees her")
    finally:
        await _stop(tasks)


@right("first_sight")
async def ends_a_group_with_a_sight(ask, lookouts):
    class Seen(Exception):
        pass

    sights = []

    async def look(lookout):
        try:
            sight = await ask(lookout)
        except Exception:
            return
        sights.append(sight)
        raise Seen

    try:
        async with asyncio.TaskGroup() as group:
            for lookout in lookouts:
                group.create_task(look(lookout))
    except* Seen:
        pass
    if not sights:
        raise LookupError("nobody sees her")
    return sights[0]


@right("first_sight")
async def sets_a_future_from_callbacks(ask, lookouts):
    found = asyncio.get_running_loop().create_future()
    tasks = [asyncio.create_task(ask(lookout)) for lookout in lookouts]

    def look(task):
        if found.done():
            return
        if not task.cancelled() and not task.exception():
            found.set_result(task.result())
        elif all(each.done() for each in tasks):
            found.set_exception(LookupError("nobody sees her"))

    for task in tasks:
        task.add_done_callback(look)
    try:
        return await found
    finally:
        await _stop(tasks)


# -- convoy --------------------------------------------------------------------------------


def _report(tasks):
    missing = [ship for ship, task in tasks.items() if task.cancelled() or task.exception()]
    return {s: task.result() for s, task in tasks.items() if s not in missing}, missing


def _set_out(sail, ships):
    return {ship: asyncio.create_task(sail(ship)) for ship in ships}


@wrong("convoy", "outcome raised")
async def asks_for_the_exception_first(sail, ships):
    tasks = _set_out(sail, ships)
    _, pending = await asyncio.wait(tasks.values(), return_when=FIRST_EXCEPTION)
    await _stop(pending)
    berths, missing = {}, []
    for ship, task in tasks.items():
        if task.exception() or task.cancelled():
            missing.append(ship)
        else:
            berths[ship] = task.result()
    return berths, missing


@wrong("convoy", "outcome raised")
async def gathers_without_exceptions(sail, ships):
    tasks = _set_out(sail, ships)
    try:
        await asyncio.gather(*tasks.values())
    except Exception as error:
        print(error)
    finally:
        await _stop(tasks.values())
    return _report(tasks)


@wrong("convoy", "outcome raised")
async def catches_exceptions_only(sail, ships):
    async def one(ship):
        try:
            return await sail(ship)
        except Exception:
            return None

    berths = await asyncio.gather(*map(one, ships))
    arrived = {s: b for s, b in zip(ships, berths, strict=True) if b}
    return arrived, [ship for ship in ships if ship not in arrived]


@wrong("convoy", "called back is failed")
async def takes_any_exception_for_an_accident(sail, ships):
    tasks = _set_out(sail, ships)
    try:
        await asyncio.gather(*tasks.values())
    except BaseException as error:
        print(error)
    await _stop(tasks.values())
    return _report(tasks)


@wrong("convoy", "called back is failed")
async def looks_whether_a_task_is_no_success(sail, ships):
    tasks = _set_out(sail, ships)
    pending = set(tasks.values())
    while pending:
        done, pending = await asyncio.wait(pending, return_when=FIRST_COMPLETED)
        if any(task.cancelled() or task.exception() for task in done):
            break
    await _stop(pending)
    return _report(tasks)


@wrong("convoy", "called back is failed")
async def wakes_at_the_first_that_is_done(sail, ships):
    tasks = _set_out(sail, ships)
    _, pending = await asyncio.wait(tasks.values(), return_when=FIRST_COMPLETED)
    await _stop(pending)
    return _report(tasks)


@wrong("convoy", "waited for all")
async def waits_for_all_of_them(sail, ships):
    tasks = _set_out(sail, ships)
    await asyncio.wait(tasks.values())
    return _report(tasks)


@wrong("convoy", "waited for all")
async def gathers_all_outcomes(sail, ships):
    outcomes = await asyncio.gather(*map(sail, ships), return_exceptions=True)
    pairs = dict(zip(ships, outcomes, strict=True))
    berths = {s: o for s, o in pairs.items() if not isinstance(o, BaseException)}
    return berths, [ship for ship in ships if ship not in berths]


@wrong("convoy", "only watched")
async def believes_that_the_rest_has_stopped(sail, ships):
    tasks = _set_out(sail, ships)
    done, _ = await asyncio.wait(tasks.values(), return_when=FIRST_EXCEPTION)
    good = [t for t in done if not t.cancelled() and not t.exception()]
    berths = {ship: task.result() for ship, task in tasks.items() if task in good}
    return berths, [ship for ship in ships if ship not in berths]


@wrong("convoy", "cancelled, not awaited")
async def asks_them_to_drop_anchor(sail, ships):
    tasks = _set_out(sail, ships)
    done, pending = await asyncio.wait(tasks.values(), return_when=FIRST_EXCEPTION)
    for task in pending:
        task.cancel()
    good = [t for t in done if not t.cancelled() and not t.exception()]
    berths = {ship: task.result() for ship, task in tasks.items() if task in good}
    return berths, [ship for ship in ships if ship not in berths]


@wrong("convoy", "order of done")
async def lists_them_as_the_set_does(sail, ships):
    tasks = {asyncio.create_task(sail(ship)): ship for ship in ships}
    done, pending = await asyncio.wait(tasks, return_when=FIRST_EXCEPTION)
    await _stop(pending)
    berths, missing = {}, []
    for task in [*done, *pending]:
        if task.cancelled() or task.exception():
            missing.append(tasks[task])
        else:
            berths[tasks[task]] = task.result()
    return berths, missing


@wrong("convoy", "one by one")
async def sails_in_turn(sail, ships):
    berths = {}
    for ship in ships:
        try:
            berths[ship] = await sail(ship)
        except asyncio.CancelledError:
            continue
        except Exception:
            break
    return berths, [ship for ship in ships if ship not in berths]


@wrong("convoy", "wrong result")
async def names_the_stopped_only(sail, ships):
    tasks = _set_out(sail, ships)
    _, pending = await asyncio.wait(tasks.values(), return_when=FIRST_EXCEPTION)
    await _stop(pending)
    return _report(tasks)[0], [ship for ship, task in tasks.items() if task.cancelled()]


@wrong("convoy", "outcome raised")
async def lets_the_accident_out(sail, ships):
    tasks = _set_out(sail, ships)
    _, pending = await asyncio.wait(tasks.values(), return_when=FIRST_EXCEPTION)
    await _stop(pending)
    berths = {ship: task.result() for ship, task in tasks.items() if not task.cancelled()}
    return berths, [ship for ship in ships if ship not in berths]


@right("convoy")
async def sails_in_a_group(sail, ships):
    tasks = {}
    try:
        async with asyncio.TaskGroup() as group:
            for ship in ships:
                tasks[ship] = group.create_task(sail(ship))
    except* Exception as accident:
        print(accident)
    return _report(tasks)


@right("convoy")
async def watches_each_that_is_done(sail, ships):
    tasks = _set_out(sail, ships)
    pending = set(tasks.values())
    while pending:
        done, pending = await asyncio.wait(pending, return_when=FIRST_COMPLETED)
        if any(not task.cancelled() and task.exception() for task in done):
            break
    await _stop(pending)
    return _report(tasks)


@right("convoy")
async def follows_them_as_they_come(sail, ships):
    tasks = _set_out(sail, ships)
    for following in asyncio.as_completed(tasks.values()):
        try:
            await following
        except asyncio.CancelledError:
            continue
        except Exception:
            break
    await _stop(tasks.values())
    return _report(tasks)


# -- first_pilot ---------------------------------------------------------------------------


@wrong("first_pilot", "late is lost")
async def hangs_up_after_the_gap(ask, pilots, gap):
    for pilot in pilots:
        try:
            return await asyncio.wait_for(ask(pilot), gap)
        except Exception:
            continue
    return None


@wrong("first_pilot", "late is lost")
async def stops_those_who_are_late(ask, pilots, gap):
    for pilot in pilots:
        task = asyncio.create_task(ask(pilot))
        done, _ = await asyncio.wait([task], timeout=gap)
        if done and not task.exception():
            return task.result()
        await _stop([task])
    return None


@wrong("first_pilot", "asked too soon")
async def rings_everybody_at_once(ask, pilots, gap):
    tasks = [asyncio.create_task(ask(pilot)) for pilot in pilots]
    try:
        for following in asyncio.as_completed(tasks):
            try:
                return await following
            except Exception as error:
                print(error)
        return None
    finally:
        await _stop(tasks)


@wrong("first_pilot", "failure not noticed")
async def rings_by_the_clock(ask, pilots, gap):
    async def ring(number, pilot):
        await asyncio.sleep(number * gap)
        return await ask(pilot)

    tasks = [asyncio.create_task(ring(*each)) for each in enumerate(pilots)]
    try:
        for following in asyncio.as_completed(tasks):
            try:
                return await following
            except Exception as error:
                print(error)
        return None
    finally:
        await _stop(tasks)


@wrong("first_pilot", "one by one")
async def waits_for_each_refusal(ask, pilots, gap):
    for pilot in pilots:
        try:
            return await ask(pilot)
        except Exception:
            await asyncio.sleep(0)
    return None


@wrong("first_pilot", "failure not noticed")
async def looks_when_the_gap_is_over(ask, pilots, gap):
    tasks = []
    try:
        for pilot in pilots:
            tasks.append(asyncio.create_task(ask(pilot)))
            await asyncio.sleep(gap)
            for task in tasks:
                if task.done() and not task.exception():
                    return task.result()
        for following in asyncio.as_completed(tasks):
            try:
                return await following
            except Exception as error:
                print(error)
        return None
    finally:
        await _stop(tasks)


def _rounds(ask, pilots, gap, tasks):
    """The solution, but for its end."""

    async def rounds():
        waiting, pending = list(pilots), set()
        while waiting or pending:
            if waiting:
                tasks.append(asyncio.create_task(ask(waiting.pop(0))))
                pending.add(tasks[-1])
            limit = gap if waiting else None
            done, pending = await asyncio.wait(pending, timeout=limit, return_when=FIRST_COMPLETED)
            for task in done:
                if task.exception() is None:
                    return task.result()
        return None

    return rounds()


@wrong("first_pilot", "leaked")
async def leaves_the_others_out_of_bed(ask, pilots, gap):
    return await _rounds(ask, pilots, gap, [])


@wrong("first_pilot", "cancelled, not awaited")
async def calls_off_and_goes(ask, pilots, gap):
    tasks = []
    answer = await _rounds(ask, pilots, gap, tasks)
    for task in tasks:
        task.cancel()
    return answer


@wrong("first_pilot", "late is lost")
async def gives_up_when_nobody_is_left_to_ring(ask, pilots, gap):
    tasks, pending = [], set()
    try:
        for pilot in pilots:
            tasks.append(asyncio.create_task(ask(pilot)))
            pending.add(tasks[-1])
            done, pending = await asyncio.wait(pending, timeout=gap, return_when=FIRST_COMPLETED)
            for task in done:
                if task.exception() is None:
                    return task.result()
        return None
    finally:
        await _stop(tasks)


@wrong("first_pilot", "outcome raised")
async def lets_a_refusal_out(ask, pilots, gap):
    waiting, tasks, pending = list(pilots), [], set()
    try:
        while waiting or pending:
            if waiting:
                tasks.append(asyncio.create_task(ask(waiting.pop(0))))
                pending.add(tasks[-1])
            limit = gap if waiting else None
            done, pending = await asyncio.wait(pending, timeout=limit, return_when=FIRST_COMPLETED)
            for task in done:
                return task.result()
    finally:
        await _stop(tasks)


@wrong("first_pilot", "done stays done")
async def waits_for_those_who_are_done_again(ask, pilots, gap):
    tasks = []
    try:
        for pilot in pilots:
            tasks.append(asyncio.create_task(ask(pilot)))
            done, _ = await asyncio.wait(tasks, timeout=gap, return_when=FIRST_COMPLETED)
            for task in done:
                if task.exception() is None:
                    return task.result()
        return None
    finally:
        await _stop(tasks)


@right("first_pilot")
async def gives_each_a_turn_of_its_own(ask, pilots, gap):
    turns = [asyncio.Event() for _ in range(len(pilots) + 1)]
    turns[0].set()

    async def ring(number, pilot):
        await turns[number].wait()
        call = asyncio.create_task(ask(pilot))
        try:
            done, _ = await asyncio.wait([call], timeout=gap)
            if not done:
                turns[number + 1].set()
            return await call
        except Exception:
            next((turn for turn in turns if not turn.is_set()), turns[0]).set()
            raise
        finally:
            await _stop([call])

    tasks = [asyncio.create_task(ring(*each)) for each in enumerate(pilots)]
    try:
        for following in asyncio.as_completed(tasks):
            try:
                return await following
            except Exception as error:
                print(error)
        return None
    finally:
        await _stop(tasks)


@right("first_pilot")
async def has_a_bell_for_every_piece_of_news(ask, pilots, gap):
    news, waiting, answers = asyncio.Queue(), list(pilots), []

    async def ring(pilot):
        try:
            answers.append(await ask(pilot))
        except Exception as error:
            print(error)
        news.put_nowait(pilot)

    tasks = []
    try:
        while not answers and (waiting or not all(task.done() for task in tasks)):
            if waiting:
                tasks.append(asyncio.create_task(ring(waiting.pop(0))))
            try:
                await asyncio.wait_for(news.get(), gap if waiting else None)
            except TimeoutError:
                continue
        return answers[0] if answers else None
    finally:
        await _stop(tasks)
