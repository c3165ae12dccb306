"""Answers to the exercises of lesson 03."""

# ruff: noqa: BLE001 - people do catch everything

import asyncio

from . import right, wrong

# -- vans_home -----------------------------------------------------------------------------


def _by_time(seconds, breaking, over):
    home = [van for van in seconds if van not in breaking and seconds[van] < over]
    return sorted(home, key=seconds.get)


@wrong("vans_home", "nothing runs on")
def the_gather_stops_the_others(seconds, breaking, stay):
    return _by_time(seconds, breaking, min(seconds[van] for van in breaking))


@wrong("vans_home", "leaked")
def all_others_come_home(seconds, breaking, stay):
    return _by_time(seconds, breaking, float("inf"))


@wrong("vans_home", "last failure")
def counts_from_the_last_breakdown(seconds, breaking, stay):
    return _by_time(seconds, breaking, max(seconds[van] for van in breaking) + stay)


@wrong("vans_home", "ran past its failure")
def counts_the_broken_as_home(seconds, breaking, stay):
    return _by_time(seconds, [], min(seconds[van] for van in breaking) + stay)


@wrong("vans_home", "last failure")
def counts_from_the_first_that_is_listed(seconds, breaking, stay):
    return _by_time(seconds, breaking, seconds[breaking[0]] + stay)


@wrong("vans_home", "last failure")
def counts_from_the_last_that_is_listed(seconds, breaking, stay):
    return _by_time(seconds, breaking, seconds[breaking[-1]] + stay)


@wrong("vans_home", "ran past its failure")
def counts_from_the_first_van_of_all(seconds, breaking, stay):
    return _by_time(seconds, [], min(seconds.values()) + stay)


@wrong("vans_home", "measured")
def leaves_them_as_they_are_listed(seconds, breaking, stay):
    over = min(seconds[van] for van in breaking) + stay
    return [van for van in seconds if van not in breaking and seconds[van] < over]


@right("vans_home")
def removes_van_by_van(seconds, breaking, stay):
    by_time = sorted((wait, van) for van, wait in seconds.items())
    over = next(wait for wait, van in by_time if van in breaking) + stay
    return tuple(van for wait, van in by_time if not (wait > over or van in breaking))


# -- van_report ----------------------------------------------------------------------------


async def _sorted_by(drive, quarters, is_called_back, is_failed):
    outcomes = await asyncio.gather(*map(drive, quarters), return_exceptions=True)
    report = {"served": {}, "failed": {}, "called back": []}
    for quarter, outcome in zip(quarters, outcomes, strict=True):
        if is_called_back(outcome):
            report["called back"].append(quarter)
        elif is_failed(outcome):
            report["failed"][quarter] = str(outcome)
        else:
            report["served"][quarter] = outcome
    return report


@wrong("van_report", "cancelled is an answer")
async def knows_two_kinds(drive, quarters):
    def is_failed(outcome):
        return isinstance(outcome, Exception)

    return await _sorted_by(drive, quarters, lambda _: False, is_failed)


@wrong("van_report", "called back is failed")
async def takes_base_exception_for_the_third_kind(drive, quarters):
    def is_failed(outcome):
        return isinstance(outcome, BaseException)

    return await _sorted_by(drive, quarters, lambda _: False, is_failed)


@wrong("van_report", "one failure loses all")
async def forgets_to_keep_the_failures(drive, quarters):
    outcomes = await asyncio.gather(*map(drive, quarters))
    return {"served": dict(zip(quarters, outcomes, strict=True)), "failed": {}, "called back": []}


@wrong("van_report", "one by one")
async def tries_one_van_after_the_other(drive, quarters):
    report = {"served": {}, "failed": {}, "called back": []}
    for quarter in quarters:
        try:
            report["served"][quarter] = await drive(quarter)
        except asyncio.CancelledError:
            report["called back"].append(quarter)
        except Exception as error:
            report["failed"][quarter] = str(error)
    return report


@wrong("van_report", "exception as result")
async def writes_exceptions_into_the_report(drive, quarters):
    outcomes = await asyncio.gather(*map(drive, quarters), return_exceptions=True)
    pairs = list(zip(quarters, outcomes, strict=True))
    return {
        "served": {q: each for q, each in pairs if not isinstance(each, BaseException)},
        "failed": {q: each for q, each in pairs if isinstance(each, Exception)},
        "called back": [q for q, each in pairs if isinstance(each, asyncio.CancelledError)],
    }


@wrong("van_report", "arguments of gather")
async def gives_gather_a_list(drive, quarters):
    calls = [drive(quarter) for quarter in quarters]
    return await asyncio.gather(calls, return_exceptions=True)


@wrong("van_report", "first test takes all")
async def asks_for_base_exceptions_first(drive, quarters):
    outcomes = await asyncio.gather(*map(drive, quarters), return_exceptions=True)
    report = {"served": {}, "failed": {}, "called back": []}
    for quarter, outcome in zip(quarters, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            report["called back"].append(quarter)
        elif isinstance(outcome, Exception):
            report["failed"][quarter] = str(outcome)
        else:
            report["served"][quarter] = outcome
    return report


@wrong("van_report", "arguments of gather")
async def gives_gather_a_generator(drive, quarters):
    return await asyncio.gather((drive(quarter) for quarter in quarters), return_exceptions=False)


@wrong("van_report", "unknown name")
async def does_not_say_whose_exception_it_is(drive, quarters):
    outcomes = await asyncio.gather(*map(drive, quarters), return_exceptions=True)
    return [isinstance(outcome, CancelledError) for outcome in outcomes]  # noqa: F821 - the mistake


@wrong("van_report", "finish order")
async def writes_the_report_as_they_come(drive, quarters):
    report = {"served": {}, "failed": {}, "called back": []}

    async def one(quarter):
        try:
            report["served"][quarter] = await drive(quarter)
        except asyncio.CancelledError:
            report["called back"].append(quarter)
        except Exception as error:
            report["failed"][quarter] = str(error)

    await asyncio.gather(*map(one, quarters))
    return report


@right("van_report")
async def asks_the_tasks(drive, quarters):
    vans = {quarter: asyncio.create_task(drive(quarter)) for quarter in quarters}
    await asyncio.gather(*vans.values(), return_exceptions=True)
    ended = {quarter: van for quarter, van in vans.items() if not van.cancelled()}
    return {
        "served": {q: van.result() for q, van in ended.items() if not van.exception()},
        "failed": {q: f"{van.exception()}" for q, van in ended.items() if van.exception()},
        "called back": [quarter for quarter in vans if quarter not in ended],
    }


@right("van_report")
async def catches_in_a_coroutine_for_each(drive, quarters):
    report = {"served": {}, "failed": {}, "called back": []}

    async def one(quarter):
        try:
            report["served"][quarter] = await drive(quarter)
        except asyncio.CancelledError:
            report["called back"].append(quarter)
        except Exception as error:
            report["failed"][quarter] = str(error)

    await asyncio.gather(*map(one, quarters))
    for kind in ("served", "failed"):
        report[kind] = {q: report[kind][q] for q in quarters if q in report[kind]}
    report["called back"].sort(key=quarters.index)
    return report


# -- ring_at_once --------------------------------------------------------------------------


@wrong("ring_at_once", "gathered twice")
def gathers_coroutines_twice():
    return "6 3> 8> 2>> 1> 5>> 4>"


@wrong("ring_at_once", "leaked")
def returns_where_nobody_fails():
    return "6 7> 8> 2>> 1> 5>>"


@wrong("ring_at_once", "told at the end")
def keeps_all_failures_in_the_try():
    return "6 7> 8> 4>> 1> 5>>"


@wrong("ring_at_once", "misplaced")
def leaves_the_bell_outside():
    return "6 7> 8> 2>> 1> 5> 4>"


@wrong("ring_at_once", "asked too little")
def rings_when_all_goes_well():
    return "6 7> 8> 2>> 5>> 1> 4>>"


@wrong("ring_at_once", "no return")
def returns_where_somebody_fails():
    return "6 7> 8> 2>> 1> 5>> 4>>"


@right("ring_at_once")
def makes_the_vans_in_the_try():
    return "6 8> 7>> 2>> 1> 5>> 4>"


# -- recall --------------------------------------------------------------------------------


@wrong("recall", "nothing runs on")
async def gives_the_gather_a_turn(drive, quarters):
    vans = asyncio.gather(*map(drive, quarters))
    try:
        return await vans
    except Exception:
        vans.cancel()
        await asyncio.sleep(0)
        return None


@wrong("recall", "nothing runs on")
async def trusts_in_gather(drive, quarters):
    try:
        return await asyncio.gather(*map(drive, quarters))
    except Exception:
        return None


@wrong("recall", "told at the end")
async def looks_when_all_are_home(drive, quarters):
    outcomes = await asyncio.gather(*map(drive, quarters), return_exceptions=True)
    failed = any(isinstance(outcome, BaseException) for outcome in outcomes)
    return None if failed else outcomes


@wrong("recall", "cancelled, not awaited")
async def cancels_and_leaves(drive, quarters):
    vans = [asyncio.create_task(drive(quarter)) for quarter in quarters]
    try:
        return await asyncio.gather(*vans)
    except Exception:
        for van in vans:
            van.cancel()
        return None


@wrong("recall", "partly one by one")
async def calls_back_one_after_the_other(drive, quarters):
    vans = [asyncio.create_task(drive(quarter)) for quarter in quarters]
    try:
        return await asyncio.gather(*vans)
    except Exception:
        for van in vans:
            van.cancel()
            await asyncio.gather(van, return_exceptions=True)
        return None


@wrong("recall", "one failure loses all")
async def waits_with_a_plain_gather(drive, quarters):
    vans = [asyncio.create_task(drive(quarter)) for quarter in quarters]
    try:
        return await asyncio.gather(*vans)
    except Exception:
        for van in vans:
            van.cancel()
        await asyncio.gather(*vans)
        return None


@wrong("recall", "one by one")
async def sends_one_van_at_a_time(drive, quarters):
    try:
        return [await drive(quarter) for quarter in quarters]
    except Exception:
        return None


@wrong("recall", "asked to stop twice")
async def cancels_until_they_are_gone(drive, quarters):
    vans = [asyncio.create_task(drive(quarter)) for quarter in quarters]
    try:
        return await asyncio.gather(*vans)
    except Exception:
        while not all(van.done() for van in vans):
            for van in vans:
                van.cancel()
            await asyncio.sleep(0.02)
        return None


@wrong("recall", "guessed")
async def sleeps_until_they_may_be_home(drive, quarters):
    vans = [asyncio.create_task(drive(quarter)) for quarter in quarters]
    try:
        return await asyncio.gather(*vans)
    except Exception:
        for van in vans:
            van.cancel()
        await asyncio.sleep(0.5)
        return None


@right("recall")
async def uses_a_task_group(drive, quarters):
    try:
        async with asyncio.TaskGroup() as group:
            vans = [group.create_task(drive(quarter)) for quarter in quarters]
    except* Exception:
        return_value = None
    else:
        return_value = [van.result() for van in vans]
    return return_value


@right("recall")
async def waits_for_the_first_exception(drive, quarters):
    vans = [asyncio.create_task(drive(quarter)) for quarter in quarters]
    _, on_the_road = await asyncio.wait(vans, return_when=asyncio.FIRST_EXCEPTION)
    for van in on_the_road:
        van.cancel()
    if on_the_road:
        await asyncio.wait(on_the_road)
        return None
    return None if any(van.exception() for van in vans) else [van.result() for van in vans]


# -- whole_edition -------------------------------------------------------------------------


def _start(drive, quarters):
    return {quarter: asyncio.create_task(drive(quarter)) for quarter in quarters}


def _receipts(vans):
    return {quarter: van.result() for quarter, van in vans.items()}


@wrong("whole_edition", "nothing runs on")
async def trusts_in_gather_once_more(drive, quarters):
    return dict(zip(quarters, await asyncio.gather(*map(drive, quarters)), strict=True))


@wrong("whole_edition", "cancelled, not awaited")
async def does_not_wait_for_the_way_home(drive, quarters):
    vans = _start(drive, quarters)
    try:
        await asyncio.gather(*vans.values())
        return _receipts(vans)
    finally:
        for van in vans.values():
            van.cancel()


@wrong("whole_edition", "passes by")
async def tidies_up_after_failures_only(drive, quarters):
    vans = _start(drive, quarters)
    try:
        await asyncio.gather(*vans.values())
    except Exception:
        for van in vans.values():
            van.cancel()
        await asyncio.gather(*vans.values(), return_exceptions=True)
        raise
    return _receipts(vans)


@wrong("whole_edition", "asked to stop twice")
async def cancels_whoever_is_not_done(drive, quarters):
    vans = _start(drive, quarters)
    try:
        await asyncio.gather(*vans.values())
        return _receipts(vans)
    finally:
        for van in vans.values():
            if not van.done():
                van.cancel()
        await asyncio.gather(*vans.values(), return_exceptions=True)


@wrong("whole_edition", "request swallowed")
async def returns_none_when_cancelled(drive, quarters):
    vans = _start(drive, quarters)
    try:
        await asyncio.gather(*vans.values())
    except BaseException as error:
        for van in vans.values():
            if not van.cancelling():
                van.cancel()
        await asyncio.gather(*vans.values(), return_exceptions=True)
        if isinstance(error, Exception):
            raise
        return None
    return _receipts(vans)


@wrong("whole_edition", "failure dropped")
async def prints_the_failure(drive, quarters):
    vans = _start(drive, quarters)
    try:
        await asyncio.gather(*vans.values())
        return _receipts(vans)
    except Exception as error:
        print("no edition:", error)
        return {}
    finally:
        for van in vans.values():
            if not van.cancelling():
                van.cancel()
        await asyncio.gather(*vans.values(), return_exceptions=True)


@wrong("whole_edition", "told at the end")
async def keeps_failures_as_values(drive, quarters):
    outcomes = await asyncio.gather(*map(drive, quarters), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return dict(zip(quarters, outcomes, strict=True))


@wrong("whole_edition", "wrong result")
async def returns_a_list(drive, quarters):
    return list((await uses_a_group_and_unpacks_its_failure(drive, quarters)).values())


@wrong("whole_edition", "group not opened")
async def lets_the_group_of_failures_out(drive, quarters):
    async with asyncio.TaskGroup() as group:
        vans = {quarter: group.create_task(drive(quarter)) for quarter in quarters}
    return {quarter: van.result() for quarter, van in vans.items()}


@right("whole_edition")
async def uses_a_group_and_unpacks_its_failure(drive, quarters):
    try:
        async with asyncio.TaskGroup() as group:
            vans = {quarter: group.create_task(drive(quarter)) for quarter in quarters}
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return _receipts(vans)


@right("whole_edition")
async def catches_base_exception_and_raises_it(drive, quarters):
    vans = _start(drive, quarters)
    try:
        await asyncio.gather(*vans.values())
    except BaseException:
        for van in vans.values():
            if not van.cancelling():
                van.cancel()
        await asyncio.wait(vans.values())
        raise
    return _receipts(vans)


# -- second_breakdown ----------------------------------------------------------------------


def _report(quarters, outcomes):
    report = {"served": {}, "failed": {}, "called back": []}
    for quarter, outcome in zip(quarters, outcomes, strict=True):
        if isinstance(outcome, asyncio.CancelledError):
            report["called back"].append(quarter)
        elif isinstance(outcome, BaseException):
            report["failed"][quarter] = str(outcome)
        else:
            report["served"][quarter] = outcome
    return report


async def _home(vans):
    for van in vans:
        van.cancel()
    return await asyncio.gather(*vans, return_exceptions=True)


@wrong("second_breakdown", "stopped too soon")
async def stops_at_the_first(drive, quarters):
    vans = [asyncio.create_task(drive(quarter)) for quarter in quarters]
    try:
        await asyncio.gather(*vans)
    except Exception:
        await _home(vans)
    return _report(quarters, await asyncio.gather(*vans, return_exceptions=True))


@wrong("second_breakdown", "told at the end")
async def never_stops_anybody(drive, quarters):
    return _report(quarters, await asyncio.gather(*map(drive, quarters), return_exceptions=True))


@wrong("second_breakdown", "nothing runs on")
async def gathers_again_and_trusts(drive, quarters):
    vans = [asyncio.create_task(drive(quarter)) for quarter in quarters]
    for _ in range(2):
        try:
            await asyncio.gather(*vans)
        except Exception:
            continue
    return _report(quarters, await asyncio.gather(*vans, return_exceptions=True))


async def _until_second(drive, quarters, after):
    failures = {}

    async def one(quarter):
        try:
            return await drive(quarter)
        except Exception as error:
            failures[quarter] = error
            if len(failures) == 2:
                raise
            return error

    vans = [asyncio.create_task(one(quarter)) for quarter in quarters]
    try:
        await asyncio.gather(*vans)
    except Exception:
        await after(vans)
    return vans, failures


@wrong("second_breakdown", "failure lost")
async def takes_all_who_are_called_back_for_safe(drive, quarters):
    called_back = set()

    async def recall(vans):
        called_back.update(van for van in vans if not van.done())
        await _home(vans)

    vans, _ = await _until_second(drive, quarters, recall)
    outcomes = await asyncio.gather(*vans, return_exceptions=True)
    for place, van in enumerate(vans):
        if van in called_back:
            outcomes[place] = asyncio.CancelledError()
    return _report(quarters, outcomes)


@wrong("second_breakdown", "failure lost")
async def keeps_only_the_first_two_failures(drive, quarters):
    failures = {}

    async def one(quarter):
        try:
            return await drive(quarter)
        except Exception as error:
            if len(failures) < 2:
                failures[quarter] = str(error)
            if len(failures) == 2:
                raise

    vans = [asyncio.create_task(one(quarter)) for quarter in quarters]
    try:
        await asyncio.gather(*vans)
    except Exception:
        await _home(vans)
    report = _report(quarters, await asyncio.gather(*vans, return_exceptions=True))
    failed = {quarter: failures[quarter] for quarter in quarters if quarter in failures}
    served = {q: receipt for q, receipt in report["served"].items() if receipt}
    return {"served": served, "failed": failed, "called back": report["called back"]}


@wrong("second_breakdown", "cancelled, not awaited")
async def reports_before_they_are_home(drive, quarters):
    async def ask(vans):
        for van in vans:
            van.cancel()

    vans, failures = await _until_second(drive, quarters, ask)
    served = {
        quarter: van.result()
        for quarter, van in zip(quarters, vans, strict=True)
        if van.done() and quarter not in failures
    }
    failed = {quarter: str(error) for quarter, error in failures.items()}
    back = [q for q in quarters if q not in served and q not in failed]
    return {"served": served, "failed": failed, "called back": back}


@wrong("second_breakdown", "exception as result")
async def takes_the_returned_failure_for_a_receipt(drive, quarters):
    vans, failures = await _until_second(drive, quarters, _home)
    report = {"served": {}, "failed": {}, "called back": []}
    for quarter, van in zip(quarters, vans, strict=True):
        if van.cancelled():
            report["called back"].append(quarter)
        else:
            report["served"][quarter] = van.exception() or van.result()
    report["failed"] = {q: str(failures[q]) for q in quarters if q in failures}
    return report


@wrong("second_breakdown", "finish order")
async def writes_down_who_comes_home(drive, quarters):
    report = {"served": {}, "failed": {}, "called back": []}

    async def one(quarter):
        try:
            report["served"][quarter] = await drive(quarter)
        except asyncio.CancelledError:
            report["called back"].append(quarter)
        except Exception as error:
            report["failed"][quarter] = str(error)
            if len(report["failed"]) == 2:
                for van in vans:
                    van.cancel()

    vans = [asyncio.create_task(one(quarter)) for quarter in quarters]
    await asyncio.gather(*vans, return_exceptions=True)
    return report


@right("second_breakdown")
async def waits_in_a_loop(drive, quarters):
    vans = [asyncio.create_task(drive(quarter)) for quarter in quarters]
    pending, broken = set(vans), 0
    while pending and broken < 2:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        broken += sum(van.exception() is not None for van in done)
    return _report(quarters, await _home(vans))


@right("second_breakdown")
async def waits_for_an_event(drive, quarters):
    enough, failures = asyncio.Event(), []

    async def one(quarter):
        try:
            return await drive(quarter)
        except Exception as error:
            failures.append(error)
            if len(failures) == 2:
                enough.set()
            raise

    vans = [asyncio.create_task(one(quarter)) for quarter in quarters]
    stop = asyncio.create_task(enough.wait())
    everybody = asyncio.gather(*vans, return_exceptions=True)
    await asyncio.wait([stop, everybody], return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    outcomes = await _home(vans)
    await asyncio.gather(stop, everybody, return_exceptions=True)
    return _report(quarters, outcomes)
