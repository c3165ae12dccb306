"""A check survives whatever is typed, says it in a sentence, and leaves nothing behind."""

import asyncio
import functools
import queue
import sys
import threading
import time

import pytest

import asynclab as lab
from asynclab.checking import exercises
from asynclab.checking.arrangement import Arrangement
from asynclab.checking.engine import NOT_ATTEMPTED, PASSED, WRONG, examine

LIMIT = 5.0  # seconds of computing in which an answer has its sentence


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ASYNCLAB_HOME", str(tmp_path))


async def copies_by_town(ask, towns):
    """Right: what the others are compared with."""
    return dict(zip(towns, await asyncio.gather(*map(ask, towns)), strict=True))


def verdict_on(function):
    """The verdict, in time; and the next check is as if this one had never been."""
    start = time.process_time()
    verdict = examine(exercises()["copies_by_town"], function)
    assert time.process_time() - start < LIMIT
    assert examine(exercises()["copies_by_town"], copies_by_town).state == PASSED
    return verdict


def key_of(function):
    verdict = verdict_on(function)
    return verdict.diagnosis.key if verdict.state == WRONG else verdict.state


# -- functions of every shape --------------------------------------------------------------

OFFENCES = []


def offence(key):
    """Register an answer, and the key of the misconception in its sentence."""
    return lambda function: OFFENCES.append((key, function)) or function


@offence("not async")
def an_ordinary_function(ask, towns):
    return dict.fromkeys(towns)


@offence("not async")
async def an_async_generator(ask, towns):
    yield {}


@offence("not async")
def an_ordinary_function_that_fails(ask, towns):
    raise ValueError("no towns")


@offence("signature")
async def too_few_parameters(ask):
    return {}


@offence("signature")
async def too_many_parameters(ask, towns, page):
    return {}


@offence("signature")
async def names_instead_of_places(*, ask, towns):
    return {}


@offence("returned a coroutine")
async def returns_a_coroutine(ask, towns):
    return ask(towns[0])


@offence("returned a coroutine")
async def returns_coroutines(ask, towns):
    return [ask(town) for town in towns]


@offence("returned a coroutine")
async def returns_a_future(ask, towns):
    return asyncio.get_running_loop().create_future()


@offence("never awaited")
async def never_awaits(ask, towns):
    for town in towns:
        ask(town)
    return {}


@offence("asked too little")
async def knows_the_answers_already(ask, towns):
    return {town: f"{town} #000001" for town in towns}


@offence("leaked")
async def leaves_tasks_behind(ask, towns):
    for town in towns:
        asyncio.create_task(ask(town))  # noqa: RUF006 - the mistake
    await asyncio.sleep(0)
    return {}


@offence("cancelled, not awaited")
async def cancels_and_leaves(ask, towns):
    task = asyncio.create_task(asyncio.sleep(5))
    copies = await copies_by_town(ask, towns)
    task.cancel()
    return copies


@offence("endless")
async def computes_for_ever(ask, towns):
    while True:
        pass


@offence("endless")
async def computes_for_ever_and_catches_everything(ask, towns):
    while True:
        try:
            sum(range(1000))
        except BaseException:  # noqa: BLE001 - the mistake
            continue


@offence("waits without await")
async def locks_itself_out(ask, towns):
    lock = threading.Lock()
    with lock, lock:
        return {}


@offence("deadlock")
async def asks_a_queue_for_threads(ask, towns):
    copies = queue.Queue()
    return {town: copies.get() for town in towns}


@offence("busy loop")
async def polls_for_ever(ask, towns):
    while True:
        await asyncio.sleep(0)


@offence("endless")
async def waits_for_ever(ask, towns):
    while True:
        await asyncio.sleep(1)


@offence("endless")
async def waits_for_ever_and_catches_everything(ask, towns):
    while True:
        try:
            await asyncio.sleep(1)
        except BaseException:  # noqa: BLE001 - the mistake
            continue


@offence("deadlock")
async def waits_for_nobody(ask, towns):
    await asyncio.Event().wait()


@offence("deadlock")
async def waits_for_itself(ask, towns):
    lock = asyncio.Lock()
    async with lock, lock:
        return {}


@offence("blocked loop")
async def sleeps_on_the_loop(ask, towns):
    time.sleep(30)
    return await copies_by_town(ask, towns)


@offence("threads")
async def asks_in_threads_with_loops(ask, towns):
    def in_a_thread(town):
        return asyncio.run(ask(town))

    first = await ask(towns[0])
    rest = [await asyncio.to_thread(in_a_thread, town) for town in towns[1:]]
    return dict(zip(towns, [first, *rest], strict=True))


@offence("raised")
async def raises(ask, towns):
    raise LookupError(towns[0])


@offence("raised")
async def raises_what_cannot_be_shown(ask, towns):
    class Hidden(Exception):
        def __str__(self):
            raise RuntimeError("no")

    raise Hidden


@offence("raised")
async def calls_itself(ask, towns):
    return await calls_itself(ask, towns)


@offence("raised")
async def exits(ask, towns):
    sys.exit("enough")


@offence("raised")
async def interrupts(ask, towns):
    raise KeyboardInterrupt


@offence("raised")
async def interrupts_in_a_task(ask, towns):
    async def interrupt():
        raise KeyboardInterrupt

    await asyncio.create_task(interrupt())


@offence("raised")
async def raises_a_generator_exit(ask, towns):
    raise GeneratorExit


@offence("raised")
async def raises_a_class_of_its_own(ask, towns):
    class Unusual(BaseException):
        pass

    raise Unusual("very")


@offence("raised")
async def cancels_itself(ask, towns):
    asyncio.current_task().cancel()
    await asyncio.sleep(1)


@offence("raised")
async def stops_the_loop(ask, towns):
    asyncio.get_running_loop().stop()
    await asyncio.sleep(1)


@offence("raised")
async def closes_the_loop(ask, towns):
    asyncio.get_running_loop().close()


@offence("no return")
async def makes_thousands_of_tasks(ask, towns):
    await asyncio.gather(*(asyncio.sleep(0.01) for _ in range(5000)))
    await asyncio.gather(*map(ask, towns))


@offence("no return")
async def prints_a_megabyte(ask, towns):
    print("x" * 1_000_000)
    await asyncio.gather(*map(ask, towns))


@offence("wrong result")
async def returns_a_list_that_contains_itself(ask, towns):
    await asyncio.gather(*map(ask, towns))
    result = []
    result.append(result)
    return result


@offence("wrong result")
async def returns_a_flood(ask, towns):
    await asyncio.gather(*map(ask, towns))
    result = list(range(100))
    for _ in range(5):
        result = [result] * 100
    return result


@offence("wrong result")
async def returns_an_enormous_number(ask, towns):
    await asyncio.gather(*map(ask, towns))
    return 10**100_000


@offence("wrong result")
async def returns_a_dictionary_with_strange_keys(ask, towns):
    await asyncio.gather(*map(ask, towns))
    return {frozenset(): 1, None: 2, (1, 2): 3}


@offence("wrong result")
async def returns_what_equals_everything(ask, towns):
    class Yes(dict):
        __hash__ = None

        def __eq__(self, other):
            return True

        def items(self):
            while True:
                yield "yes", "yes"

    await asyncio.gather(*map(ask, towns))
    return Yes(yes=1)


@offence("wrong result")
async def returns_what_cannot_be_shown(ask, towns):
    class Hidden:
        def __repr__(self):
            raise RuntimeError("no")

    await asyncio.gather(*map(ask, towns))
    return Hidden()


@offence("wrong result")
async def empties_what_it_is_given(ask, towns):
    await asyncio.gather(*map(ask, towns))
    towns.clear()
    return {}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of stopped code
@pytest.mark.parametrize(
    ("key", "function"), OFFENCES, ids=lambda each: getattr(each, "__name__", "")
)
def test_an_answer_has_its_sentence(key, function):
    assert key_of(function) == key


# -- right answers of unusual shape --------------------------------------------------------


class Callable:
    async def __call__(self, ask, towns):
        return await copies_by_town(ask, towns)


def decorated(function):
    async def wrapper(*args, **kwargs):
        return await function(*args, **kwargs)

    return wrapper


RIGHT = {
    "a lambda": lambda ask, towns: asyncio.ensure_future(copies_by_town(ask, towns)),
    "a partial": functools.partial(copies_by_town),
    "a callable object": Callable(),
    "a decorated function": decorated(copies_by_town),
    "other names for the parameters": decorated(lambda one, two: copies_by_town(one, two)),  # noqa: PLW0108 - they are the point,
}


@pytest.mark.parametrize("function", RIGHT.values(), ids=RIGHT)
def test_what_can_be_called_and_awaited_is_an_answer(function):
    assert verdict_on(function).state == PASSED


async def _with_a_thread(ask, towns):
    done = []
    thread = threading.Thread(target=done.append, args=(1,))
    thread.start()
    thread.join()
    return await copies_by_town(ask, towns)


def test_a_thread_of_its_own_does_no_harm():
    assert verdict_on(_with_a_thread).state == PASSED


# -- replaced functions --------------------------------------------------------------------


async def _at_once(*_, **__):
    return None


REPLACED = [(asyncio, "sleep"), (asyncio, "gather"), (time, "monotonic"), (asyncio, "create_task")]


@pytest.mark.parametrize(
    ("module", "name"), REPLACED, ids=lambda each: getattr(each, "__name__", each)
)
def test_a_replaced_function_changes_no_verdict(module, name, monkeypatch):
    monkeypatch.setattr(module, name, _at_once)
    assert verdict_on(copies_by_town).state == PASSED
    assert getattr(module, name) is _at_once


async def _replaces_sleep(ask, towns):
    asyncio.sleep = _at_once
    return {town: await ask(town) for town in towns}


def test_an_answer_that_replaces_a_function_gains_nothing():
    genuine = asyncio.sleep
    assert key_of(_replaces_sleep) == "one by one"
    assert asyncio.sleep is genuine


# -- no answer, or none yet ----------------------------------------------------------------


async def _with_blanks(ask, towns):
    return await asyncio.gather(____)  # noqa: F821 - the blank


async def _with_blanks_inside(ask, towns):
    async def one(town):
        return await ____(town)  # noqa: F821 - the blank

    return await asyncio.gather(*map(one, towns))


@pytest.mark.parametrize("function", [_with_blanks, _with_blanks_inside])
def test_a_blank_is_not_an_attempt(function):
    assert verdict_on(function).state == NOT_ATTEMPTED


@pytest.mark.parametrize("value", [5, None, "text", ["list"], {}], ids=repr)
def test_a_name_that_stands_for_something_else_is_told(value):
    assert key_of(value) == "signature"


# -- the name by which an answer is known --------------------------------------------------


def test_an_answer_is_known_by_its_name_in_the_notebook():
    names = {"lab": lab, "copies_by_town": RIGHT["a lambda"]}
    assert eval("lab.check(copies_by_town)", names).passed


def test_a_function_of_another_name_is_told_the_names():
    async def something_else():
        return None

    with pytest.raises(LookupError, match=r"no exercise is called .something_else.\. There are: "):
        lab.check(something_else)


def test_an_answer_that_was_called_is_closed_and_told():
    names = {"lab": lab, "copies_by_town": copies_by_town(None, [])}
    report = eval("lab.check(copies_by_town)", names)
    assert report.verdict.diagnosis.key == "signature"
    assert names["copies_by_town"].cr_frame is None


def test_a_result_in_the_place_of_a_function_is_told():
    with pytest.raises(LookupError, match=r"a float answers no exercise: .* no brackets"):
        lab.check(0.5)


def test_a_prediction_needs_its_program():
    with pytest.raises(TypeError, match=r"lab.check\(evening_total, of=...\): name the program"):
        examine(exercises()["evening_total"], lambda sport, city, harbour: 1.0)


def test_a_program_that_was_broken_is_told():
    async def evening(sport):
        return sport

    verdict = examine(exercises()["roll_call_list"], lambda sport, city, harbour: 1.0, of=evening)
    assert verdict.state == NOT_ATTEMPTED
    assert "unexpected keyword argument" in verdict.note


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (lambda sport, city, harbour: 1 / 0, "raised"),
        (lambda sport, city, harbour: sys.exit(), "raised"),
        (lambda sport, city, harbour: time.sleep(1), "blocked loop"),
        (lambda sport, city, harbour: [1] * 10**6, "measured"),
        (lambda sport, city, harbour: next(iter(int, 1)), "measured"),
        (lambda sport: 1, "signature"),
    ],
)
def test_a_prediction_may_be_anything(answer, key):
    async def evening(sport, city, harbour):
        await asyncio.sleep(max(sport, city + harbour))

    verdict = examine(exercises()["evening_total"], answer, of=evening)
    assert (verdict.state, verdict.diagnosis.key) == (WRONG, key)


# -- arrangements --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        ("3 6> 1>>", "line 3 of your order: unexpected indent"),
        ("3 6> 1", "line 1 is not indented, so it is outside of the function"),
        ("3> 6>", "the first line must begin the function both_wires"),
        ("9", "'9': write the numbers 1 to 7, and > to indent"),
        ("3 x", "'x': write the numbers 1 to 7, and > to indent"),
        ("3 3", "line 3 stands twice"),
        ("6", "the first line must begin the function"),
        ("3", "expected an indented block"),
        ("3 " * 10_000, "line 3 stands twice"),
    ],
)
def test_an_order_that_makes_no_function_is_told(order, sentence):
    exercise = exercises()["both_wires"]
    verdict = examine(exercise, Arrangement(exercise, order, {"asyncio": asyncio}))
    assert verdict.diagnosis.key == "misplaced"
    assert sentence in verdict.diagnosis.did


def test_an_empty_order_is_not_an_attempt():
    exercise = exercises()["both_wires"]
    assert examine(exercise, Arrangement(exercise, "", {})).state == NOT_ATTEMPTED


def test_only_an_arrangement_can_be_arranged():
    with pytest.raises(LookupError, match="tide_table is written, not arranged"):
        lab.arrange("tide_table")


# -- in a notebook -------------------------------------------------------------------------


def test_a_check_works_where_a_loop_is_running():
    async def cell():
        before = asyncio.current_task()
        state = examine(exercises()["copies_by_town"], copies_by_town).state
        await asyncio.sleep(0)
        return state, asyncio.current_task() is before

    assert asyncio.run(cell()) == (PASSED, True)


def test_an_offence_leaves_the_loop_of_the_notebook_alone():
    async def cell():
        states = [
            examine(exercises()["copies_by_town"], each).state for each in (polls_for_ever, exits)
        ]
        await asyncio.sleep(0)
        return states

    assert asyncio.run(cell()) == [WRONG, WRONG]
