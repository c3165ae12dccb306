"""Answers to the exercises of lesson 02."""

# ruff: noqa: BLE001 - people do catch everything

import asyncio

from . import right, wrong

# -- roll_call_list ------------------------------------------------------------------------


@wrong("roll_call_list", "flattened")
def a_gather_in_a_gather_is_one_list(sport, city, harbour):
    return ["sport", "city", "harbour"]


@wrong("roll_call_list", "finish order")
def who_is_first_comes_first(sport, city, harbour):
    waits = {"sport": sport, "city": city, "harbour": harbour}
    return sorted(waits, key=waits.get)


@wrong("roll_call_list", "begun first")
def the_inner_gather_runs_first(sport, city, harbour):
    return [["city", "harbour"], "sport"]


@wrong("roll_call_list", "measured")
def takes_the_seconds_for_results(sport, city, harbour):
    return [sport, [city, harbour]]


@wrong("roll_call_list", "unknown name")
def quotes_nothing(sport, city, harbour):
    return [desk, [city, harbour]]  # noqa: F821 - the mistake


@wrong("roll_call_list", "finish order")
def sorts_the_room_by_time(sport, city, harbour):
    return ["sport", ["city", "harbour"] if city < harbour else ["harbour", "city"]]


@right("roll_call_list")
async def is_written_with_async_def_and_tuples(sport, city, harbour):
    return "sport", ("city", "harbour")


# -- alert_seconds -------------------------------------------------------------------------


@wrong("alert_seconds", "failure waits for all")
def always_waits_for_everybody(waits, refusing, keep):
    return max(waits)


@wrong("alert_seconds", "first of all")
def any_end_is_the_end(waits, refusing, keep):
    return max(waits) if keep else min(waits)


@wrong("alert_seconds", "last failure")
def failures_are_collected(waits, refusing, keep):
    return max(waits) if keep else max(waits[number] for number in refusing)


@wrong("alert_seconds", "sum expected")
def one_delivery_after_the_other(waits, refusing, keep):
    return sum(waits)


@wrong("alert_seconds", "measured")
def takes_the_number_for_its_seconds(waits, refusing, keep):
    return max(waits) if keep else min(refusing)


@wrong("alert_seconds", "last failure")
def the_first_that_is_listed_counts(waits, refusing, keep):
    return max(waits) if keep else waits[refusing[0]]


@wrong("alert_seconds", "last failure")
def the_last_that_is_listed_counts(waits, refusing, keep):
    return max(waits) if keep else waits[refusing[-1]]


@wrong("alert_seconds", "measured")
def failures_end_nothing_if_kept(waits, refusing, keep):
    if keep:
        return max(wait for number, wait in enumerate(waits) if number not in refusing)
    return min(waits[number] for number in refusing)


@right("alert_seconds")
def sorts_the_times(waits, refusing, keep):
    times = [waits[number] for number in refusing] if not keep else waits[:]
    times.sort(reverse=keep)
    return times[0]


# -- copies_by_town ------------------------------------------------------------------------


@wrong("copies_by_town", "one by one")
async def awaits_in_the_comprehension(ask, towns):
    return {town: await ask(town) for town in towns}


@wrong("copies_by_town", "one by one")
async def awaits_in_the_list_of_calls(ask, towns):
    answers = [await ask(town) for town in towns]
    return dict(zip(towns, answers, strict=True))


@wrong("copies_by_town", "wrong pairs")
async def pairs_in_the_order_of_arrival(ask, towns):
    copies = [await call for call in asyncio.as_completed([ask(town) for town in towns])]
    return dict(zip(towns, copies, strict=True))


@wrong("copies_by_town", "arguments of gather")
async def gives_gather_the_list(ask, towns):
    copies = await asyncio.gather([ask(town) for town in towns])
    return dict(zip(towns, copies, strict=True))


@wrong("copies_by_town", "returned a coroutine")
async def zips_the_calls(ask, towns):
    calls = [asyncio.ensure_future(ask(town)) for town in towns]
    await asyncio.gather(*calls)
    return dict(zip(towns, calls, strict=True))


@wrong("copies_by_town", "wrong result")
async def zips_the_wrong_way_round(ask, towns):
    copies = await asyncio.gather(*map(ask, towns))
    return dict(zip(copies, towns, strict=True))


@wrong("copies_by_town", "raised")
async def cannot_take_a_holiday(ask, towns):
    first, *rest = towns
    answer, *answers = await asyncio.gather(ask(first), *map(ask, rest))
    return {first: answer} | dict(zip(rest, answers, strict=True))


@right("copies_by_town")
async def makes_the_pairs_in_the_coroutines(ask, towns):
    async def pair(town):
        return town, await ask(town)

    return dict([await call for call in asyncio.as_completed([pair(town) for town in towns])])


@right("copies_by_town")
async def keeps_tasks_in_a_dictionary(ask, towns):
    async with asyncio.TaskGroup() as group:
        tasks = {town: group.create_task(ask(town)) for town in towns}
    return {town: task.result() for town, task in tasks.items()}


# -- who_has_it ----------------------------------------------------------------------------


@wrong("who_has_it", "one failure loses all")
def takes_the_gather_that_raises():
    return "6 4> 2> 1> 7> 3>> 5>"


@wrong("who_has_it", "wrong result")
def returns_in_the_loop():
    return "6 4> 8> 1> 7> 3>> 5>>"


@wrong("who_has_it", "wrong result")
def begins_a_report_for_each_address():
    return "6 4> 8> 7> 1>> 3>> 5>"


@wrong("who_has_it", "misplaced")
def forgets_to_indent_the_loop():
    return "6 4> 8> 1> 7> 3> 5>"


@wrong("who_has_it", "unknown name")
def gathers_before_there_are_calls():
    return "6 8> 4> 1> 7> 3>> 5>"


@wrong("who_has_it", "misplaced")
def uses_a_line_twice():
    return "6 4> 8> 1> 7> 3>> 3>> 5>"


@right("who_has_it")
def begins_with_the_report():
    return "6 1> 4> 8> 7> 3>> 5>"


@right("who_has_it")
def leaves_a_line_after_the_return():
    return "6 4> 8> 1> 7> 3>> 5> 2>"


# -- delivery_lists ------------------------------------------------------------------------


@wrong("delivery_lists", "cancelled is an answer")
async def pairs_first_and_asks_for_exception(send, addresses):
    outcomes = await asyncio.gather(*map(send, addresses), return_exceptions=True)
    pairs = list(zip(addresses, outcomes, strict=True))
    delivered = {a: each for a, each in pairs if not isinstance(each, Exception)}
    failed = [a for a, each in pairs if isinstance(each, Exception)]
    return {"delivered": delivered, "failed": failed}


@wrong("delivery_lists", "wrong pairs")
async def asks_for_base_exception_and_pairs_late(send, addresses):
    outcomes = await asyncio.gather(*map(send, addresses), return_exceptions=True)
    receipts = [each for each in outcomes if not isinstance(each, BaseException)]
    delivered = dict(zip(addresses, receipts, strict=False))
    failed = [address for address in addresses if address not in delivered]
    return {"delivered": delivered, "failed": failed}


@wrong("delivery_lists", "raised")
async def lets_zip_complain(send, addresses):
    outcomes = await asyncio.gather(*map(send, addresses), return_exceptions=True)
    receipts = [each for each in outcomes if not isinstance(each, BaseException)]
    return {"delivered": dict(zip(addresses, receipts, strict=True)), "failed": []}


@wrong("delivery_lists", "exception as result")
async def takes_every_outcome_for_a_receipt(send, addresses):
    outcomes = await asyncio.gather(*map(send, addresses), return_exceptions=True)
    return {"delivered": dict(zip(addresses, outcomes, strict=True)), "failed": []}


@wrong("delivery_lists", "leaked")
async def catches_the_first_failure(send, addresses):
    try:
        receipts = await asyncio.gather(*map(send, addresses))
    except (Exception, asyncio.CancelledError):
        return {"delivered": {}, "failed": addresses}
    return {"delivered": dict(zip(addresses, receipts, strict=True)), "failed": []}


@wrong("delivery_lists", "one by one")
async def tries_each_address_in_turn(send, addresses):
    delivered, failed = {}, []
    for address in addresses:
        try:
            delivered[address] = await send(address)
        except (Exception, asyncio.CancelledError):
            failed.append(address)
    return {"delivered": delivered, "failed": failed}


@wrong("delivery_lists", "one failure loses all")
async def tries_in_coroutines_and_forgets_cancelled(send, addresses):
    async def attempt(address):
        try:
            return await send(address)
        except Exception:
            return None

    receipts = await asyncio.gather(*map(attempt, addresses))
    pairs = dict(zip(addresses, receipts, strict=True))
    failed = [address for address, receipt in pairs.items() if receipt is None]
    return {"delivered": {a: r for a, r in pairs.items() if r}, "failed": failed}


@wrong("delivery_lists", "finish order")
async def notes_failures_as_they_come(send, addresses):
    delivered, failed = {}, []

    async def one(address):
        try:
            delivered[address] = await send(address)
        except (Exception, asyncio.CancelledError):
            failed.append(address)

    await asyncio.gather(*map(one, addresses))
    return {"delivered": delivered, "failed": failed}


@right("delivery_lists")
async def waits_and_looks_at_the_tasks(send, addresses):
    tasks = {address: asyncio.create_task(send(address)) for address in addresses}
    await asyncio.wait(tasks.values())
    fine = {a: not (task.cancelled() or task.exception()) for a, task in tasks.items()}
    return {
        "delivered": {a: tasks[a].result() for a in addresses if fine[a]},
        "failed": [a for a in addresses if not fine[a]],
    }


@right("delivery_lists")
async def matches_outcomes(send, addresses):
    lists = {"failed": [], "delivered": {}}
    outcomes = await asyncio.gather(*map(send, addresses), return_exceptions=True)
    for address, outcome in zip(addresses, outcomes, strict=True):
        match outcome:
            case BaseException():
                lists["failed"].append(address)
            case receipt:
                lists["delivered"][address] = receipt
    return lists


# -- stubborn_alert ------------------------------------------------------------------------


async def _round(send, addresses):
    outcomes = await asyncio.gather(*map(send, addresses), return_exceptions=True)
    return dict(zip(addresses, outcomes, strict=True))


def _failed(outcomes):
    return [a for a, each in outcomes.items() if isinstance(each, BaseException)]


@wrong("stubborn_alert", "called too often")
async def sends_to_everybody_again(send, addresses):
    first = await _round(send, addresses)
    if _failed(first):
        first = await _round(send, addresses)
    return first | dict.fromkeys(_failed(first))


@wrong("stubborn_alert", "asked too little")
async def never_tries_again(send, addresses):
    first = await _round(send, addresses)
    return first | dict.fromkeys(_failed(first))


@wrong("stubborn_alert", "called too often")
async def tries_five_times(send, addresses):
    outcomes = await _round(send, addresses)
    for _ in range(4):
        outcomes |= await _round(send, _failed(outcomes))
    return outcomes | dict.fromkeys(_failed(outcomes))


@wrong("stubborn_alert", "partly one by one")
async def tries_again_one_by_one(send, addresses):
    outcomes = await _round(send, addresses)
    for address in _failed(outcomes):
        try:
            outcomes[address] = await send(address)
        except Exception:
            outcomes[address] = None
    return outcomes


@wrong("stubborn_alert", "one by one")
async def does_everything_in_turn(send, addresses):
    receipts = dict.fromkeys(addresses)
    for address in addresses:
        for _ in range(2):
            try:
                receipts[address] = await send(address)
                break
            except Exception:
                continue
    return receipts


@wrong("stubborn_alert", "exception as result")
async def leaves_the_exceptions_in(send, addresses):
    first = await _round(send, addresses)
    return first | await _round(send, _failed(first))


@wrong("stubborn_alert", "one failure loses all")
async def does_not_expect_a_second_refusal(send, addresses):
    first = await _round(send, addresses)
    again = _failed(first)
    return first | dict(zip(again, await asyncio.gather(*map(send, again)), strict=True))


@right("stubborn_alert")
async def tries_twice_within_each_coroutine(send, addresses):
    async def attempt(address):
        for _ in range(2):
            try:
                return await send(address)
            except Exception:
                continue
        return None

    return dict(zip(addresses, await asyncio.gather(*map(attempt, addresses)), strict=True))


@right("stubborn_alert")
async def starts_the_second_try_when_the_first_has_failed(send, addresses):
    receipts, pending = dict.fromkeys(addresses), set()

    def start(address, tries):
        task = asyncio.create_task(send(address))
        task.address, task.tries = address, tries
        pending.add(task)

    for address in addresses:
        start(address, 1)
    while pending:
        done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        pending -= done
        for task in done:
            if not task.exception():
                receipts[task.address] = task.result()
            elif task.tries == 1:
                start(task.address, 2)
    return receipts


# -- district_report -----------------------------------------------------------------------


def _counted(outcomes, kind=BaseException):
    failed = [a for a, each in outcomes.items() if isinstance(each, kind)]
    return {"delivered": len(outcomes) - len(failed), "failed": failed}


@wrong("district_report", "partly one by one")
async def takes_one_district_after_the_other(send, districts):
    return {name: _counted(await _round(send, those)) for name, those in districts.items()}


@wrong("district_report", "one by one")
async def sends_one_after_the_other(send, districts):
    report = {}
    for name, addresses in districts.items():
        report[name] = {"delivered": 0, "failed": []}
        for address in addresses:
            try:
                await send(address)
                report[name]["delivered"] += 1
            except BaseException:
                report[name]["failed"].append(address)
    return report


@wrong("district_report", "cancelled is an answer")
async def asks_for_exception(send, districts):
    rounds = await asyncio.gather(*(_round(send, those) for those in districts.values()))
    counted = [_counted(each, Exception) for each in rounds]
    return dict(zip(districts, counted, strict=True))


@wrong("district_report", "failure lost")
async def counts_the_outcomes(send, districts):
    rounds = await asyncio.gather(*(_round(send, those) for those in districts.values()))
    counted = [{"delivered": len(each), "failed": []} for each in rounds]
    return dict(zip(districts, counted, strict=True))


@wrong("district_report", "one failure loses all")
async def keeps_failures_in_the_outer_gather_only(send, districts):
    async def one(addresses):
        await asyncio.gather(*map(send, addresses))
        return {"delivered": len(addresses), "failed": []}

    reports = await asyncio.gather(*map(one, districts.values()))
    return dict(zip(districts, reports, strict=True))


@wrong("district_report", "wrong result")
async def reports_receipts_for_numbers(send, districts):
    report = {}

    async def one(name, addresses):
        outcomes = await _round(send, addresses)
        good = [each for each in outcomes.values() if not isinstance(each, BaseException)]
        report[name] = {"delivered": good, "failed": _failed(outcomes)}

    await asyncio.gather(*(one(name, those) for name, those in districts.items()))
    return report


@wrong("district_report", "finish order")
async def notes_the_failures_of_a_district(send, districts):
    async def one_district(addresses):
        failed = []

        async def one(address):
            try:
                await send(address)
            except (Exception, asyncio.CancelledError):
                failed.append(address)

        await asyncio.gather(*map(one, addresses))
        return {"delivered": len(addresses) - len(failed), "failed": failed}

    reports = await asyncio.gather(*map(one_district, districts.values()))
    return dict(zip(districts, reports, strict=True))


@right("district_report")
async def cuts_one_flat_gather(send, districts):
    everybody = [address for addresses in districts.values() for address in addresses]
    outcomes = await _round(send, everybody)
    return {
        name: _counted({address: outcomes[address] for address in addresses})
        for name, addresses in districts.items()
    }


@right("district_report")
async def fills_the_report_as_answers_come(send, districts):
    report = {name: {"delivered": 0, "failed": []} for name in districts}

    async def deliver(name, address):
        try:
            await send(address)
        except (Exception, asyncio.CancelledError):
            report[name]["failed"].append(address)
        else:
            report[name]["delivered"] += 1

    async with asyncio.TaskGroup() as group:
        for name, addresses in districts.items():
            for address in addresses:
                group.create_task(deliver(name, address))
    for name, addresses in districts.items():
        report[name]["failed"].sort(key=addresses.index)
    return report
