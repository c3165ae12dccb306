"""lab.run: one answer that keeps everything, wherever it is called."""

import asyncio
import functools
import os
import subprocess
import sys
import textwrap
import threading
from traceback import walk_tb

import needs
import pytest

from asynclab.clock import Deadlock, VirtualLoop
from asynclab.nesting import detached
from asynclab.runner import run, watch

BOTH_CLOCKS = ["virtual", pytest.param("real", marks=needs.real_clock)]


async def greet(name="world"):
    await asyncio.sleep(0.01)
    print(f"hello, {name}")
    return name


async def fail():
    raise ValueError("no good")


# -- the answer ----------------------------------------------------------------------------


@pytest.mark.parametrize("clock", BOTH_CLOCKS)
@pytest.mark.parametrize("main", [greet, lambda: greet("world"), functools.partial(greet, "world")])
def test_main_is_a_function_that_makes_a_coroutine(main, clock, capsys):
    finished = run(main, clock=clock)
    assert finished.result == "world"
    assert finished.exception is None
    assert finished.elapsed >= 0.01
    assert finished.trace.clock == clock
    assert finished.printed == capsys.readouterr().out == "hello, world\n"
    assert finished.warnings == []


@pytest.mark.parametrize("clock", BOTH_CLOCKS)
def test_main_is_a_coroutine(clock, capsys):
    finished = run(greet("you"), clock=clock, echo=False)
    assert (finished.result, finished.printed) == ("you", "hello, you\n")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("clock", BOTH_CLOCKS)
def test_an_exception_is_kept_and_raised_when_the_result_is_asked_for(clock):
    finished = run(fail, clock=clock)
    assert repr(finished.exception) == "ValueError('no good')"
    for _ in range(2):
        with pytest.raises(ValueError, match="no good"):
            finished.result  # noqa: B018 - reading it raises
    assert [t.outcome for t in finished.trace.tasks] == ["raised"]
    assert finished.warnings == []


def test_the_traceback_leads_to_the_learners_line():
    frames = []
    trace = run(fail).exception.__traceback__
    while trace is not None:
        frames.append(trace.tb_frame.f_code.co_name)
        trace = trace.tb_next
    assert frames[-1] == "fail"


def test_main_that_is_cancelled():
    async def main():
        asyncio.current_task().cancel()
        await asyncio.sleep(1)

    finished = run(main)
    assert isinstance(finished.exception, asyncio.CancelledError)
    with pytest.raises(asyncio.CancelledError):
        finished.result  # noqa: B018 - reading it raises


@pytest.mark.parametrize("leave", [SystemExit(3), GeneratorExit()])
def test_leaving_by_an_exception_that_is_no_error_is_kept_too(leave):
    async def main():
        raise leave

    assert run(main).exception is leave


def test_a_deadlock_inside_a_library_is_told_as_a_deadlock():
    async def main():
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.Event().wait())

    assert isinstance(run(main).exception, Deadlock)


def test_main_whose_loop_is_stopped():
    async def main():
        asyncio.get_running_loop().stop()
        await asyncio.sleep(1)

    assert str(run(main).exception) == "Event loop stopped before Future completed."


def test_elapsed_ends_with_main_and_not_with_what_it_left_behind():
    cleaned = []

    async def leaked():
        try:
            await asyncio.sleep(100)
        finally:
            await asyncio.sleep(5)
            print("cleaned up")
            cleaned.append(asyncio.get_running_loop().time())

    async def main():
        main.task = asyncio.create_task(leaked())
        await asyncio.sleep(1)

    finished = run(main, echo=False)
    assert finished.elapsed == 1.0
    assert cleaned == [6.0]
    assert finished.printed == "cleaned up\n"
    assert [t.label for t in finished.trace.leaked] == ["leaked"]


@pytest.mark.parametrize("clock", BOTH_CLOCKS)
def test_a_traceback_begins_where_main_does(clock):
    finished = run(fail, clock=clock)
    assert [frame.f_code.co_name for frame, _ in walk_tb(finished.exception.__traceback__)] == [
        "fail"
    ]


def test_a_deadlock_has_no_frames_of_the_clock():
    assert run(lambda: asyncio.Event().wait()).exception.__traceback__ is None


def test_the_repr_tells_what_happened():
    async def main():
        await asyncio.gather(asyncio.sleep(1), asyncio.sleep(2))

    assert repr(run(main)) == "Run: 2 s on the virtual clock, 3 tasks"
    assert repr(run(lambda: asyncio.sleep(0.5))) == "Run: 0.5 s on the virtual clock, 1 task"
    failed = "Run: 0 s on the virtual clock, 1 task, raised ValueError: no good"
    assert repr(run(fail)) == failed


def test_the_repr_of_an_exception_without_a_message_ends_with_its_name():
    async def main():
        raise TimeoutError

    assert repr(run(main)) == "Run: 0 s on the virtual clock, 1 task, raised TimeoutError"


# -- what it does not take -----------------------------------------------------------------


def returns_a_number():
    return 42


TAKES = "() takes a coroutine, or a function that returns one; "
HINT = ". Is the function defined with 'async def'?"


@pytest.mark.parametrize(
    ("main", "what"),
    [
        (42, "this is an int"),
        (None, "this is None"),
        ("greet", "this is a str"),
        (returns_a_number, "returns_a_number() returned an int"),
        (lambda: None, "<lambda>() returned None"),
    ],
)
def test_what_is_no_coroutine_is_refused_by_name(main, what):
    with pytest.raises(TypeError) as caught:
        run(main)
    assert str(caught.value) == f"lab.run{TAKES}{what}{HINT}"


def test_an_async_generator_is_refused():
    async def numbers():
        yield 1

    with pytest.raises(TypeError) as caught:
        run(numbers)
    assert str(caught.value) == f"lab.run{TAKES}numbers() returned an async_generator{HINT}"


def test_a_function_that_needs_arguments_raises_its_own_error():
    async def main(required):
        return required

    with pytest.raises(TypeError, match="missing 1 required positional argument: 'required'"):
        run(main)


def test_an_unknown_clock_is_refused_and_main_never_begins():
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - compared exactly below
        run(greet, clock="fast")
    assert str(caught.value) == 'clock=\'fast\': the clocks are "virtual" and "real"'


def test_watch_refuses_in_its_own_name():
    with pytest.raises(TypeError) as caught:
        on_a_loop(watch(42))
    assert str(caught.value) == f"lab.timeline{TAKES}this is an int{HINT}"


# -- where it is called --------------------------------------------------------------------


def test_nested_runs_print_in_order():
    async def inner():
        print("inner")

    async def main():
        print("before")
        inside = run(inner)
        print("after")
        return inside.printed

    finished = run(main, echo=False)
    assert finished.result == "inner\n"
    assert finished.printed == "before\ninner\nafter\n"


@needs.real_clock
@pytest.mark.parametrize("outer", BOTH_CLOCKS)
def test_the_real_clock_inside_a_running_loop(outer):
    async def inner():
        await asyncio.sleep(0.01)
        print("inner")
        return threading.current_thread().name

    async def main():
        return run(inner, clock="real", echo=False)

    inside = run(main, clock=outer).result
    assert inside.result == "asynclab-run"
    assert (inside.printed, inside.trace.clock) == ("inner\n", "real")


@needs.real_clock
def test_a_failure_inside_a_running_loop():
    async def main():
        return run(fail, clock="real")

    with pytest.raises(ValueError, match="no good"):
        run(main).result.result  # noqa: B018 - reading it raises


def on_a_loop(coro):
    """Run a coroutine as a cell of a notebook does, on a loop that is not recorded."""
    with detached(), asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(coro)


def test_watch_runs_on_the_loop_that_is_running():
    async def cell():
        await asyncio.sleep(1)
        seen = await watch(greet("you"))
        return seen, asyncio.get_running_loop().time()

    seen, now = on_a_loop(cell())
    assert (seen.result, seen.elapsed, seen.printed) == ("you", 0.01, "hello, you\n")
    assert now == 1.01


def test_watch_keeps_an_exception_too():
    async def cell():
        return await watch(fail)

    seen = on_a_loop(cell())
    assert repr(seen.exception) == "ValueError('no good')"
    assert seen.trace.main.retrieved
    assert seen.warnings == []


def test_watch_that_is_cancelled_cancels_main():
    ended = []

    async def main():
        try:
            await asyncio.sleep(100)
        finally:
            ended.append(asyncio.get_running_loop().time())

    async def cell():
        task = asyncio.create_task(watch(main))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task])
        await asyncio.sleep(1)
        return task.cancelled()

    assert on_a_loop(cell()) is True
    assert ended == [1.0]


def test_a_loop_that_is_recorded_cannot_be_recorded_again_at_the_same_time():
    async def main():
        await watch(greet)

    assert "is being traced already" in str(run(main).exception)


# -- Ctrl-C --------------------------------------------------------------------------------

PROGRAM = """
    import asyncio, os, signal, sys, threading
    import asynclab as lab

    def interrupt():
        os.kill(os.getpid(), signal.SIGINT)

    async def main():
        threading.Thread(target=interrupt).start()
        {body}

    async def cell():
        lab.run(main, clock="{clock}")

    try:
        {call}
    except KeyboardInterrupt:
        print("interrupted")
    print("next:", lab.run(asyncio.sleep(1, "fine")).result)
"""
COMPUTE = "while True: pass"
WAIT = "await asyncio.sleep(3600)"


@needs.signals
@needs.threads
@pytest.mark.parametrize(
    ("body", "clock", "call"),
    [
        (COMPUTE, "virtual", 'lab.run(main, clock="virtual")'),
        (COMPUTE, "real", 'lab.run(main, clock="real")'),
        (WAIT, "real", 'lab.run(main, clock="real")'),
        (COMPUTE, "virtual", "asyncio.Runner().get_loop().run_until_complete(cell())"),
        (WAIT, "real", "asyncio.Runner().get_loop().run_until_complete(cell())"),
        (COMPUTE, "real", "asyncio.Runner().get_loop().run_until_complete(cell())"),
    ],
    ids={COMPUTE: "computing", WAIT: "waiting"}.get,
)
def test_ctrl_c_stops_a_run_and_the_next_one_works(body, clock, call):
    program = textwrap.dedent(PROGRAM).format(body=body, clock=clock, call=call)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert done.stdout == "interrupted\nnext: fine\n", done.stderr
    assert done.returncode == 0
