"""The tracer changes nothing: every scenario logs the same with it and without it."""

import asyncio
import contextlib
import gc
import logging
import time
from asyncio import events

import needs
import pytest
from scenarios import SCENARIOS, clean

from asynclab import tracer as tracer_module
from asynclab.clock import VirtualLoop
from asynclab.nesting import detached
from asynclab.tracer import Tracer

CLOCKS = [VirtualLoop, pytest.param(None, marks=needs.real_clock)]


@pytest.fixture(autouse=True, scope="module")
def quiet_and_quick():
    """Some scenarios leave unseen exceptions behind on purpose, and collect garbage often."""
    gc.freeze()
    logging.getLogger("asyncio").disabled = True
    yield
    logging.getLogger("asyncio").disabled = False
    gc.unfreeze()


def logged(scenario, factory, observe):
    """What the scenario logs, and how it ended."""
    rows = []
    coro = scenario(lambda *what: rows.append(clean(repr(what))))
    with detached(), asyncio.Runner(loop_factory=factory) as runner:
        loop = runner.get_loop()
        with observe(loop) as tracer:
            context = tracer.context if tracer else None
            try:
                loop.run_until_complete(loop.create_task(coro, context=context))
            except SystemExit as error:
                rows.append(repr(error))
    return rows, tracer


def nobody(_loop):
    return contextlib.nullcontext()


def descendants_only(loop):
    return Tracer(loop, whole=False)


@pytest.mark.parametrize("observe", [Tracer, descendants_only])
@pytest.mark.parametrize("factory", CLOCKS, ids=["virtual", "real"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_traced_and_untraced_log_the_same(scenario, factory, observe):
    plain, _ = logged(scenario, factory, nobody)
    traced, tracer = logged(scenario, factory, observe)
    assert traced == plain
    assert tracer.errors == []


def test_every_scenario_logs_something():
    silent = {s.__name__ for s in SCENARIOS if not logged(s, VirtualLoop, nobody)[0]}
    assert silent <= {"eager_tasks", "call_graph"}  # they are about later versions of Python


def test_nothing_is_left_behind_on_the_loop_its_class_or_its_tasks():
    async def main():
        task = asyncio.create_task(asyncio.sleep(1))
        with Tracer(asyncio.get_running_loop()):
            await asyncio.sleep(0)
            assert hasattr(task, "_asynclab_life")
            assert task.cancel != asyncio.Task.cancel.__get__(task)
        assert not hasattr(task, "_asynclab_life")
        assert task.cancel == asyncio.Task.cancel.__get__(task)
        await task

    before = events.Handle._run
    with detached(), asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()
        attributes = set(vars(loop))
        loop.run_until_complete(main())
        assert set(vars(loop)) == attributes
    assert events.Handle._run is before


# -- an error of the tracer's own ----------------------------------------------------------

INSIDES = [
    *("describe", "learner_line", "_call", "_role", "_task_of", "_error_text", "_asyncio_call"),
    *("_Life.follow", "_Life.take_name", "_Life.end", "Tracer._wake", "Tracer._born"),
    *("Tracer._end_step", "Tracer._note_block", "Tracer._first_sight", "Tracer._look_back"),
    *("Tracer._actor", "Tracer._due"),
]


async def mixed(log):
    """All that the tracer looks at: births, waits, wake-ups, cancels, errors, blocking."""

    async def work(name, *, fails=False):
        await asyncio.sleep(1)
        if fails:
            raise ValueError(name)
        await asyncio.sleep(3 if name == "leaked" else 1)

    def block():
        time.sleep(1)
        log("blocked")

    asyncio.get_running_loop().call_later(0.5, block)
    leaked = asyncio.create_task(work("leaked"))
    asyncio.get_running_loop().call_later(100, leaked.cancel)
    cancelled = asyncio.create_task(work("cancelled"))
    await asyncio.sleep(0)
    log(cancelled.cancel())
    log(await asyncio.gather(cancelled, work("a"), work("b", fails=True), return_exceptions=True))
    try:
        async with asyncio.timeout(1):
            await asyncio.sleep(2)
    except TimeoutError:
        log("timeout", asyncio.get_running_loop().time())


@pytest.mark.parametrize("inside", INSIDES)
def test_an_error_inside_the_tracer_is_listed_and_never_reaches_the_loop(inside, monkeypatch):
    def break_down(*_, **__):
        raise LookupError(f"{inside} broke down")

    plain, _ = logged(mixed, VirtualLoop, nobody)
    owner, _, name = f"tracer_module.{inside}".rpartition(".")
    owner = getattr(tracer_module, inside.partition(".")[0]) if "." in inside else tracer_module
    monkeypatch.setattr(owner, name, break_down)
    traced, tracer = logged(mixed, VirtualLoop, Tracer)
    assert traced == plain
    assert f"LookupError: {inside} broke down" in tracer.trace().tracer_errors
    assert tracer.trace().to_dict()["tracer_errors"] == tracer.errors
