"""Answers to the exercises of lesson 08."""

# ruff: noqa: BLE001, E722 - people do catch everything

import asyncio
import random
import time
from concurrent.futures import ThreadPoolExecutor

from . import right, wrong

# -- ads_seconds ---------------------------------------------------------------------------


@wrong("ads_seconds", "blocked loop")
def everything_overlaps(ads, typeset, proof):
    return typeset + proof


@wrong("ads_seconds", "sum expected")
def everything_adds_up(ads, typeset, proof):
    return ads * (typeset + proof)


@wrong("ads_seconds", "measured")
def the_settings_only(ads, typeset, proof):
    return ads * typeset


@wrong("ads_seconds", "measured")
def the_proofs_add_up(ads, typeset, proof):
    return typeset + ads * proof


@wrong("ads_seconds", "measured")
def the_longer_of_the_two(ads, typeset, proof):
    return max(ads * typeset, proof)


@right("ads_seconds")
def plays_it_through(ads, typeset, proof):
    now, ends = 0.0, []
    for _ in range(ads):
        now += typeset
        ends.append(now + proof)
    return max(ends)


# -- ad_prices -----------------------------------------------------------------------------


@wrong("ad_prices", "check then act")
def makes_a_lock_in_each_call():
    return "7 5> 2> 3>> 1>>> 6>>>> 8>> 4>"


@wrong("ad_prices", "check then act")
def has_no_lock():
    return "7 5> 2> 1>> 6>>> 8>> 4>"


@wrong("ad_prices", "check then act")
def looks_before_the_lock():
    return "7 5> 2> 1>> 9>>> 6>>>> 8>> 4>"


@wrong("ad_prices", "check then act")
def keeps_a_price_list_in_each_call():
    return "7 2> 5>> 9>> 1>>> 6>>>> 8>> 4>"


@wrong("ad_prices", "check then act")
def does_not_look():
    return "7 5> 2> 9>> 6>>> 8>> 4>"


@wrong("ad_prices", "wrong result")
def returns_only_what_it_has_loaded():
    return "7 5> 2> 9>> 1>>> 6>>>> 8>>>> 4>"


@wrong("ad_prices", "unknown name")
def makes_the_list_too_late():
    return "7 2> 9>> 1>>> 6>>>> 8>> 4> 5>"


@wrong("ad_prices", "misplaced")
def leaves_the_look_empty():
    return "7 5> 2> 9>> 1>>> 6>>> 8>> 4>"


@wrong("ad_prices", "asked too little")
def forgets_the_gather():
    return "7 5> 2> 9>> 1>>> 6>>>> 8>>"


@right("ad_prices")
def returns_inside_the_lock():
    return "7 5> 2> 9>> 1>>> 6>>>> 8>>> 4>"


@right("ad_prices")
def makes_the_list_after_the_function():
    return "7 2> 9>> 1>>> 6>>>> 8>> 5> 4>"


# -- composing_room ------------------------------------------------------------------------


def _room(make_desk, put, get):
    """The program with its three blanks."""

    async def composing_room(fetch, compose, numbers, room):
        desk, ready = make_desk(numbers, room), []

        async def bring():
            for number in numbers:
                await put(desk, await fetch(number))

        async def work():
            for _ in numbers:
                text = await get(desk)
                ready.append(await compose(text))

        await asyncio.gather(bring(), work())
        return ready

    return composing_room


async def _put(desk, text):
    await desk.put(text)


async def _get(desk):
    return await desk.get()


@wrong("composing_room", "no backpressure")
async def has_no_limit(fetch, compose, numbers, room):
    return await _room(lambda *_: asyncio.Queue(), _put, _get)(fetch, compose, numbers, room)


@wrong("composing_room", "no backpressure")
async def has_room_for_all_numbers(fetch, compose, numbers, room):
    make = _room(lambda numbers, _: asyncio.Queue(len(numbers)), _put, _get)
    return await make(fetch, compose, numbers, room)


@wrong("composing_room", "no backpressure")
async def forgets_what_is_in_the_hand(fetch, compose, numbers, room):
    make = _room(lambda _, room: asyncio.Queue(room + 1), _put, _get)
    return await make(fetch, compose, numbers, room)


@wrong("composing_room", "no backpressure")
async def counts_the_hand_as_room(fetch, compose, numbers, room):
    make = _room(lambda _, room: asyncio.Queue(room - 1), _put, _get)
    return await make(fetch, compose, numbers, room)


@wrong("composing_room", "partly one by one")
async def has_room_for_one(fetch, compose, numbers, room):
    make = _room(lambda *_: asyncio.Queue(1), _put, _get)
    return await make(fetch, compose, numbers, room)


@wrong("composing_room", "put without waiting")
async def puts_without_waiting(fetch, compose, numbers, room):
    async def put(desk, text):
        desk.put_nowait(text)

    make = _room(lambda _, room: asyncio.Queue(room), put, _get)
    return await make(fetch, compose, numbers, room)


@wrong("composing_room", "put without waiting")
async def takes_without_waiting(fetch, compose, numbers, room):
    async def get(desk):
        return desk.get_nowait()

    make = _room(lambda _, room: asyncio.Queue(room), _put, get)
    return await make(fetch, compose, numbers, room)


@wrong("composing_room", "never awaited")
async def forgets_to_await_put(fetch, compose, numbers, room):
    desk, ready = asyncio.Queue(room), []

    async def bring():
        for number in numbers:
            text = await fetch(number)
            desk.put(text)

    async def work():
        for _ in numbers:
            text = await desk.get()
            ready.append(await compose(text))

    await asyncio.gather(bring(), work())
    return ready


@wrong("composing_room", "one by one")
async def brings_and_sets_in_turn(fetch, compose, numbers, room):
    return [await compose(await fetch(number)) for number in numbers]


@wrong("composing_room", "no backpressure")
async def brings_everything_first(fetch, compose, numbers, room):
    texts = [await fetch(number) for number in numbers]
    return [await compose(text) for text in texts]


@wrong("composing_room", "asked too soon")
async def starts_everything_at_once(fetch, compose, numbers, room):
    texts = await asyncio.gather(*map(fetch, numbers))
    return [await compose(text) for text in texts]


@wrong("composing_room", "asked too soon")
async def sets_several_at_a_time(fetch, compose, numbers, room):
    permits = asyncio.Semaphore(room)

    async def one(number):
        async with permits:
            return await compose(await fetch(number))

    return await asyncio.gather(*map(one, numbers))


@wrong("composing_room", "asked too little")
async def drops_what_does_not_fit(fetch, compose, numbers, room):
    desk, ready = asyncio.Queue(room), []

    async def bring():
        for number in numbers:
            text = await fetch(number)
            if not desk.full():
                desk.put_nowait(text)
        await desk.put(None)

    async def work():
        while text := await desk.get():
            ready.append(await compose(text))

    await asyncio.gather(bring(), work())
    return ready


@right("composing_room")
async def takes_a_permit_for_each_ad(fetch, compose, numbers, room):
    permits, desk, ready = asyncio.Semaphore(room), asyncio.Queue(), []

    async def bring():
        for number in numbers:
            await permits.acquire()
            desk.put_nowait(await fetch(number))

    async with asyncio.TaskGroup() as group:
        group.create_task(bring())
        for _ in numbers:
            text = await desk.get()
            permits.release()
            ready.append(await compose(text))
    return ready


@right("composing_room")
async def ends_with_a_sign(fetch, compose, numbers, room):
    desk, ready = asyncio.Queue(maxsize=room), []

    async def bring():
        for number in numbers:
            await desk.put(await fetch(number))
        await desk.put(None)

    bringing = asyncio.create_task(bring())
    while (text := await desk.get()) is not None:
        ready.append(await compose(text))
    await bringing
    return ready


# -- ads_page ------------------------------------------------------------------------------


@wrong("ads_page", "blocked loop")
async def gathers_and_then_sets(ask, typeset, numbers):
    texts = await asyncio.gather(*map(ask, numbers))
    return [typeset(text) for text in texts]


@wrong("ads_page", "blocked loop")
async def believes_in_async_def(ask, typeset, numbers):
    async def one_ad(number):
        return typeset(await ask(number))

    return await asyncio.gather(*map(one_ad, numbers))


@wrong("ads_page", "blocked loop")
async def makes_room_with_sleep(ask, typeset, numbers):
    async def one_ad(number):
        text = await ask(number)
        await asyncio.sleep(0)
        return typeset(text)

    return await asyncio.gather(*map(one_ad, numbers))


@wrong("ads_page", "partly one by one")
async def sets_when_all_texts_are_there(ask, typeset, numbers):
    texts = await asyncio.gather(*map(ask, numbers))
    return await asyncio.gather(*(asyncio.to_thread(typeset, text) for text in texts))


@wrong("ads_page", "partly one by one")
async def awaits_the_threads_in_turn(ask, typeset, numbers):
    texts = await asyncio.gather(*map(ask, numbers))
    return [await asyncio.to_thread(typeset, text) for text in texts]


@wrong("ads_page", "one by one")
async def does_one_ad_after_another(ask, typeset, numbers):
    return [await asyncio.to_thread(typeset, await ask(number)) for number in numbers]


@wrong("ads_page", "one by one")
async def awaits_each_task_where_it_is_made(ask, typeset, numbers):
    async def one_ad(number):
        return await asyncio.to_thread(typeset, await ask(number))

    return [await asyncio.create_task(one_ad(number)) for number in numbers]


@wrong("ads_page", "returned a coroutine")
async def forgets_to_await_the_thread(ask, typeset, numbers):
    async def one_ad(number):
        text = await ask(number)
        return asyncio.to_thread(typeset, text)

    return await asyncio.gather(*map(one_ad, numbers))


@wrong("ads_page", "finish order")
async def collects_them_as_they_come(ask, typeset, numbers):
    async def one_ad(number):
        return await asyncio.to_thread(typeset, await ask(number))

    tasks = [asyncio.create_task(one_ad(number)) for number in numbers]
    return [await following for following in asyncio.as_completed(tasks)]


@wrong("ads_page", "blocked loop")
async def calls_it_in_the_wrong_place(ask, typeset, numbers):
    async def one_ad(number):
        return await asyncio.to_thread(typeset(await ask(number)))

    return await asyncio.gather(*map(one_ad, numbers))


@right("ads_page")
async def uses_an_executor_of_its_own(ask, typeset, numbers):
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(len(numbers)) as threads:

        async def one_ad(number):
            return await loop.run_in_executor(threads, typeset, await ask(number))

        return await asyncio.gather(*map(one_ad, numbers))


@right("ads_page")
async def starts_threads_as_texts_come(ask, typeset, numbers):
    tasks, pending, threads = {}, set(), {}
    for number in numbers:
        tasks[asyncio.create_task(ask(number))] = number
    pending = set(tasks)
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            call = asyncio.to_thread(typeset, task.result())
            threads[tasks[task]] = asyncio.create_task(call)
    return [await threads[number] for number in numbers]


# -- proof_round ---------------------------------------------------------------------------


@wrong("proof_round", "request swallowed")
async def writes_out_the_bare_except(read, ads):
    async def until_read(ad):
        while True:
            try:
                return await read(ad)
            except BaseException as error:
                print(ad, error)

    return await asyncio.gather(*map(until_read, ads))


@wrong("proof_round", "request swallowed")
async def names_the_request_as_well(read, ads):
    async def until_read(ad):
        while True:
            try:
                return await read(ad)
            except (Exception, asyncio.CancelledError):
                await asyncio.sleep(0)

    return await asyncio.gather(*map(until_read, ads))


@wrong("proof_round", "request swallowed")
async def answers_with_what_there_is(read, ads):
    async def until_read(ad):
        while True:
            try:
                return await read(ad)
            except Exception as error:
                print(ad, error)

    try:
        return await asyncio.gather(*map(until_read, ads))
    except asyncio.CancelledError:
        return []


@wrong("proof_round", "request swallowed")
async def goes_on_whatever_happens(read, ads):
    notes = {}

    async def until_read(ad):
        while ad not in notes:
            try:
                notes[ad] = await read(ad)
            except:
                continue

    await asyncio.gather(*map(until_read, ads))
    return [notes[ad] for ad in ads]


@wrong("proof_round", "one failure loses all")
async def does_not_read_again(read, ads):
    return await asyncio.gather(*map(read, ads))


@wrong("proof_round", "one failure loses all")
async def catches_what_does_not_happen(read, ads):
    async def until_read(ad):
        while True:
            try:
                return await read(ad)
            except TimeoutError:
                print("once more:", ad)

    return await asyncio.gather(*map(until_read, ads))


@wrong("proof_round", "asked too little")
async def keeps_the_failures(read, ads):
    return await asyncio.gather(*map(read, ads), return_exceptions=True)


@wrong("proof_round", "one failure loses all")
async def reads_again_once(read, ads):
    async def read_or_again(ad):
        try:
            return await read(ad)
        except Exception:
            return await read(ad)

    return await asyncio.gather(*map(read_or_again, ads))


@wrong("proof_round", "request swallowed")
async def makes_a_time_limit_of_the_request(read, ads):
    async def until_read(ad):
        while True:
            try:
                return await read(ad)
            except asyncio.CancelledError:
                raise TimeoutError from None
            except Exception:
                print("once more:", ad)

    return await asyncio.gather(*map(until_read, ads))


@wrong("proof_round", "partly one by one")
async def reads_again_in_a_second_round(read, ads):
    notes = dict.fromkeys(ads)
    while missing := [ad for ad in ads if notes[ad] is None]:
        outcomes = await asyncio.gather(*map(read, missing), return_exceptions=True)
        for ad, outcome in zip(missing, outcomes, strict=True):
            if not isinstance(outcome, BaseException):
                notes[ad] = outcome
    return list(notes.values())


@wrong("proof_round", "one by one")
async def reads_one_after_another(read, ads):
    notes = []
    for ad in ads:
        while len(notes) <= ads.index(ad):
            try:
                notes.append(await read(ad))
            except Exception as error:
                print(ad, error)
    return notes


@wrong("proof_round", "leaked")
async def shields_the_readers(read, ads):
    async def until_read(ad):
        while True:
            try:
                return await asyncio.shield(read(ad))
            except Exception as error:
                print(ad, error)

    return await asyncio.gather(*map(until_read, ads))


@right("proof_round")
async def lets_the_request_pass_by_name(read, ads):
    async def until_read(ad):
        while True:
            try:
                return await read(ad)
            except asyncio.CancelledError:
                raise
            except BaseException as error:
                print(ad, error)

    return await asyncio.gather(*map(until_read, ads))


@right("proof_round")
async def starts_a_new_task_for_each_failure(read, ads):
    notes, tasks = {}, {asyncio.create_task(read(ad)): ad for ad in ads}
    try:
        while tasks:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                ad = tasks.pop(task)
                if task.exception():
                    tasks[asyncio.create_task(read(ad))] = ad
                else:
                    notes[ad] = task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [notes[ad] for ad in ads]


@right("proof_round")
async def reads_in_a_group(read, ads):
    async def until_read(ad):
        while True:
            try:
                return await read(ad)
            except Exception as error:
                print(ad, error)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(until_read(ad)) for ad in ads]
    return [task.result() for task in tasks]


# -- ad_columns ----------------------------------------------------------------------------


@wrong("ad_columns", "deadlock")
async def takes_both_in_one_function(ask, pages, limit):
    permits = asyncio.Semaphore(limit)

    async def bounded(item):
        async with permits:
            answer = await ask(item)
            if isinstance(answer, list):
                return await asyncio.gather(*map(bounded, answer))
            return answer

    return dict(zip(pages, await asyncio.gather(*map(bounded, pages)), strict=True))


@wrong("ad_columns", "deadlock")
async def asks_the_ads_in_turn(ask, pages, limit):
    permits, columns = asyncio.Semaphore(limit), {}

    async def column(page):
        async with permits:
            columns[page] = []
            for ad in await ask(page):
                async with permits:
                    columns[page].append(await ask(ad))

    await asyncio.gather(*map(column, pages))
    return {page: columns[page] for page in pages}


@wrong("ad_columns", "over the limit")
async def has_a_second_semaphore(ask, pages, limit):
    for_pages, for_ads = asyncio.Semaphore(limit), asyncio.Semaphore(limit)

    async def text(ad):
        async with for_ads:
            return await ask(ad)

    async def column(page):
        async with for_pages:
            return await asyncio.gather(*map(text, await ask(page)))

    return dict(zip(pages, await asyncio.gather(*map(column, pages)), strict=True))


@wrong("ad_columns", "over the limit")
async def limits_the_columns_only(ask, pages, limit):
    permits = asyncio.Semaphore(limit)

    async def column(page):
        async with permits:
            return await asyncio.gather(*map(ask, await ask(page)))

    return dict(zip(pages, await asyncio.gather(*map(column, pages)), strict=True))


@wrong("ad_columns", "over the limit")
async def limits_the_ads_only(ask, pages, limit):
    permits = asyncio.Semaphore(limit)

    async def text(ad):
        async with permits:
            return await ask(ad)

    async def column(page):
        return await asyncio.gather(*map(text, await ask(page)))

    return dict(zip(pages, await asyncio.gather(*map(column, pages)), strict=True))


@wrong("ad_columns", "over the limit")
async def doubles_the_permits(ask, pages, limit):
    permits = asyncio.Semaphore(limit + len(pages))

    async def text(ad):
        async with permits:
            return await ask(ad)

    async def column(page):
        async with permits:
            return await asyncio.gather(*map(text, await ask(page)))

    return dict(zip(pages, await asyncio.gather(*map(column, pages)), strict=True))


@wrong("ad_columns", "over the limit")
async def gives_back_before_it_asks(ask, pages, limit):
    permits = asyncio.Semaphore(limit)

    async def bounded(item):
        async with permits:
            pass
        return await ask(item)

    async def column(page):
        return await asyncio.gather(*map(bounded, await bounded(page)))

    return dict(zip(pages, await asyncio.gather(*map(column, pages)), strict=True))


@wrong("ad_columns", "partly one by one")
async def asks_one_column_after_another(ask, pages, limit):
    permits, columns = asyncio.Semaphore(limit), {}

    async def text(ad):
        async with permits:
            return await ask(ad)

    for page in pages:
        columns[page] = await asyncio.gather(*map(text, await ask(page)))
    return columns


@wrong("ad_columns", "partly one by one")
async def asks_the_ads_of_a_column_in_turn(ask, pages, limit):
    permits = asyncio.Semaphore(limit)

    async def bounded(item):
        async with permits:
            return await ask(item)

    async def column(page):
        return [await bounded(ad) for ad in await bounded(page)]

    return dict(zip(pages, await asyncio.gather(*map(column, pages)), strict=True))


@wrong("ad_columns", "partly one by one")
async def asks_all_pages_first(ask, pages, limit):
    permits = asyncio.Semaphore(limit)

    async def bounded(item):
        async with permits:
            return await ask(item)

    ads = await asyncio.gather(*map(bounded, pages))
    columns = [await asyncio.gather(*map(bounded, column)) for column in ads]
    return dict(zip(pages, columns, strict=True))


@wrong("ad_columns", "permit held")
async def asks_everything_in_turn(ask, pages, limit):
    permits, columns = asyncio.Semaphore(limit), {}
    lock = asyncio.Lock()

    async def column(page):
        async with lock, permits:
            columns[page] = [await ask(ad) for ad in await ask(page)]

    await asyncio.gather(*map(column, pages))
    return {page: columns[page] for page in pages}


@right("ad_columns")
async def moves_the_gather_out_of_the_block(ask, pages, limit):
    permits = asyncio.Semaphore(limit)

    async def text(ad):
        async with permits:
            return await ask(ad)

    async def column(page):
        async with permits:
            ads = await ask(page)
        return await asyncio.gather(*map(text, ads))

    return dict(zip(pages, await asyncio.gather(*map(column, pages)), strict=True))


@right("ad_columns")
async def has_workers_and_one_pile(ask, pages, limit):
    pile, answers = asyncio.Queue(), {}
    for page in pages:
        pile.put_nowait(page)

    async def work():
        while True:
            item = await pile.get()
            answers[item] = await ask(item)
            if item in pages:
                for ad in answers[item]:
                    pile.put_nowait(ad)
            pile.task_done()

    workers = [asyncio.create_task(work()) for _ in range(limit)]
    await pile.join()
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    return {page: [answers[ad] for ad in answers[page]] for page in pages}


@right("ad_columns")
async def asks_all_in_a_group(ask, pages, limit):
    permits, texts, columns = asyncio.Semaphore(limit), {}, {}

    async def text(ad):
        async with permits:
            texts[ad] = await ask(ad)

    async with asyncio.TaskGroup() as group:

        async def column(page):
            async with permits:
                columns[page] = await ask(page)
            for ad in columns[page]:
                group.create_task(text(ad))

        for page in pages:
            group.create_task(column(page))
    return {page: [texts[ad] for ad in columns[page]] for page in pages}


# -- book_ads ------------------------------------------------------------------------------


async def _try(book, customer, tries, wait):
    """Try, and wait as long as a function of the attempt says."""
    for attempt in range(tries):
        try:
            return await book(customer)
        except Exception:
            if attempt < tries - 1:
                await asyncio.sleep(wait(attempt))
    return None


async def _book(book, customers, tries, wait):
    calls = (_try(book, customer, tries, wait) for customer in customers)
    return dict(zip(customers, await asyncio.gather(*calls), strict=True))


@wrong("book_ads", "comes back together")
async def doubles_the_pause_and_no_more(book, customers, tries, pause, dice):
    return await _book(book, customers, tries, lambda attempt: pause * 2**attempt)


@wrong("book_ads", "comes back together")
async def waits_for_the_same_time(book, customers, tries, pause, dice):
    return await _book(book, customers, tries, lambda _: pause)


@wrong("book_ads", "comes back together")
async def throws_the_dice_once_for_all(book, customers, tries, pause, dice):
    throw = dice.uniform(0, pause)
    return await _book(book, customers, tries, lambda attempt: throw * 2**attempt)


@wrong("book_ads", "comes back at once")
async def tries_again_at_once(book, customers, tries, pause, dice):
    return await _book(book, customers, tries, lambda _: 0)


@wrong("book_ads", "waits too long")
async def adds_a_little_chance(book, customers, tries, pause, dice):
    def wait(attempt):
        return pause * 2**attempt + dice.uniform(0, 0.1)

    return await _book(book, customers, tries, wait)


@wrong("book_ads", "waits too long")
async def doubles_too_early(book, customers, tries, pause, dice):
    return await _book(book, customers, tries, lambda n: dice.uniform(0, pause * 2 ** (n + 1)))


@wrong("book_ads", "waits too long")
async def doubles_too_late(book, customers, tries, pause, dice):
    return await _book(book, customers, tries, lambda n: dice.uniform(0, pause * 2 ** (n - 1)))


@wrong("book_ads", "waits too long")
async def throws_for_the_upper_half(book, customers, tries, pause, dice):
    def wait(attempt):
        half = pause * 2**attempt / 2
        return half + dice.uniform(0, half)

    return await _book(book, customers, tries, wait)


@wrong("book_ads", "other dice")
async def throws_dice_of_its_own(book, customers, tries, pause, dice):
    mine = random.Random(7)
    return await _book(book, customers, tries, lambda n: mine.uniform(0, pause * 2**n))


@wrong("book_ads", "never waits longer")
async def adds_instead_of_doubling(book, customers, tries, pause, dice):
    return await _book(book, customers, tries, lambda n: dice.uniform(0, pause * (n + 1)))


@wrong("book_ads", "never waits longer")
async def never_doubles(book, customers, tries, pause, dice):
    return await _book(book, customers, tries, lambda _: dice.uniform(0, pause))


@wrong("book_ads", "pause for nothing")
async def waits_after_the_last_try(book, customers, tries, pause, dice):
    async def book_one(customer):
        for attempt in range(tries):
            try:
                return await book(customer)
            except Exception:
                await asyncio.sleep(dice.uniform(0, pause * 2**attempt))
        return None

    return dict(zip(customers, await asyncio.gather(*map(book_one, customers)), strict=True))


@wrong("book_ads", "repetitions counted")
async def tries_once_too_often(book, customers, tries, pause, dice):
    return await _book(book, customers, tries + 1, lambda n: dice.uniform(0, pause * 2**n))


@wrong("book_ads", "repetitions counted")
async def tries_once_too_little(book, customers, tries, pause, dice):
    return await _book(book, customers, tries - 1, lambda n: dice.uniform(0, pause * 2**n))


@wrong("book_ads", "one by one")
async def serves_one_customer_after_another(book, customers, tries, pause, dice):
    receipts = {}
    for customer in customers:
        wait = lambda n: dice.uniform(0, pause * 2**n)  # noqa: E731 - as people write it
        receipts[customer] = await _try(book, customer, tries, wait)
    return receipts


@wrong("book_ads", "one failure loses all")
async def lets_the_last_refusal_out(book, customers, tries, pause, dice):
    async def book_one(customer):
        for attempt in range(tries):
            try:
                return await book(customer)
            except Exception:
                if attempt == tries - 1:
                    raise
                await asyncio.sleep(dice.uniform(0, pause * 2**attempt))
        return None

    return dict(zip(customers, await asyncio.gather(*map(book_one, customers)), strict=True))


@wrong("book_ads", "blocked loop")
async def sleeps_for_everybody(book, customers, tries, pause, dice):
    def wait(attempt):
        time.sleep(dice.uniform(0, pause * 2**attempt))
        return 0

    return await _book(book, customers, tries, wait)


@wrong("book_ads", "comes back together")
async def comes_back_in_rounds(book, customers, tries, pause, dice):
    receipts, waiting = dict.fromkeys(customers), list(customers)
    for attempt in range(tries):
        outcomes = await asyncio.gather(*map(book, waiting), return_exceptions=True)
        receipts |= {
            c: o for c, o in zip(waiting, outcomes, strict=True) if not isinstance(o, Exception)
        }
        waiting = [customer for customer in customers if receipts[customer] is None]
        if not waiting or attempt == tries - 1:
            break
        await asyncio.sleep(dice.uniform(0, pause * 2**attempt))
    return receipts


@right("book_ads")
async def counts_down_by_itself(book, customers, tries, pause, dice):
    async def book_one(customer, left, longest):
        try:
            return await book(customer)
        except Exception:
            if left == 1:
                return None
        await asyncio.sleep(longest * dice.random())
        return await book_one(customer, left - 1, 2 * longest)

    calls = (book_one(customer, tries, pause) for customer in customers)
    return dict(zip(customers, await asyncio.gather(*calls), strict=True))


@right("book_ads")
async def books_in_a_group(book, customers, tries, pause, dice):
    receipts = dict.fromkeys(customers)

    async def book_one(customer):
        for attempt in range(tries):
            if attempt:
                await asyncio.sleep(dice.uniform(0, pause * 2 ** (attempt - 1)))
            try:
                receipts[customer] = await book(customer)
            except Exception:
                continue
            break

    async with asyncio.TaskGroup() as group:
        for customer in customers:
            group.create_task(book_one(customer))
    return receipts
