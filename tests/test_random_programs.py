"""Random programs behave the same traced and untraced, virtual and (where defined) real."""

import asyncio
import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from asynclab.clock import VirtualLoop
from asynclab.tracer import Tracer

PERMITS = 2
QUICK = settings(max_examples=150, derandomize=True, deadline=None, database=None)

# -- a program is a nested tuple -----------------------------------------------------------

delays = st.sampled_from([0, 0.1, 0.2, 0.3, 0.5, 1])
leaves = st.one_of(
    st.tuples(st.just("sleep"), delays),
    st.tuples(st.just("fail"), delays),
    st.tuples(st.just("permit"), delays),
)


def compounds(programs):
    several = st.lists(programs, min_size=1, max_size=3)
    return st.one_of(
        st.tuples(st.just("sequence"), several),
        st.tuples(st.just("gather"), several, st.booleans()),
        st.tuples(st.just("group"), several),
        st.tuples(st.just("race"), several),
        st.tuples(st.just("timeout"), delays, programs),
        st.tuples(st.just("cancel"), delays, programs),
        st.tuples(st.just("shield"), programs),
        st.tuples(st.just("leave"), programs),
    )


programs = st.recursive(leaves, compounds, max_leaves=8)


class Failed(Exception):
    """A failure that a program asked for."""


class Player:
    """Plays a program and notes what happens, and when."""

    def __init__(self, *, timed):
        self.log, self.left, self.timed = [], [], timed

    def note(self, *what):
        now = asyncio.get_running_loop().time() if self.timed else None
        self.log.append((now, *what))

    async def main(self, program):
        self.permits = asyncio.Semaphore(PERMITS)
        await self.play(program, "0")

    async def play(self, program, path):
        kind, *rest = program
        self.note(path, kind)
        try:
            await getattr(self, kind)(path, *rest)
        except BaseException as error:
            self.note(path, kind, type(error).__name__)
            raise
        self.note(path, kind, "done")

    def tasks(self, path, programs):
        parts = [self.play(program, f"{path}.{i}") for i, program in enumerate(programs)]
        return [asyncio.create_task(part) for part in parts]

    async def sleep(self, _path, delay):
        await asyncio.sleep(delay)

    async def fail(self, path, delay):
        await asyncio.sleep(delay)
        raise Failed(path)

    async def permit(self, path, delay):
        async with self.permits:
            self.note(path, "got a permit")
            await asyncio.sleep(delay)

    async def sequence(self, path, programs):
        for i, program in enumerate(programs):
            await self.play(program, f"{path}.{i}")

    async def gather(self, path, programs, keep):
        found = await asyncio.gather(*self.tasks(path, programs), return_exceptions=keep)
        self.note(path, [type(one).__name__ for one in found])

    async def group(self, path, programs):
        async with asyncio.TaskGroup() as group:
            for i, program in enumerate(programs):
                group.create_task(self.play(program, f"{path}.{i}"))

    async def race(self, path, programs):
        tasks = self.tasks(path, programs)
        done, late = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        self.note(path, [tasks.index(task) for task in done])
        for task in late:
            task.cancel()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        self.note(path, [type(one).__name__ for one in found])

    async def timeout(self, path, delay, program):
        try:
            async with asyncio.timeout(delay):
                await self.play(program, f"{path}.0")
        except TimeoutError:
            self.note(path, "timed out")

    async def cancel(self, path, delay, program):
        [task] = self.tasks(path, [program])
        await asyncio.sleep(delay)
        self.note(path, "cancels", task.cancel())
        await asyncio.wait([task])
        self.note(path, task.cancelled() or type(task.exception()).__name__)

    async def shield(self, path, program):
        [task] = self.tasks(path, [program])
        self.left.append(task)
        await asyncio.shield(task)

    async def leave(self, path, program):
        self.left.extend(self.tasks(path, [program]))


def played(program, factory, observe, *, timed=True):
    """What happened until the program's end, and what the tracer saw."""
    player = Player(timed=timed)
    with asyncio.Runner(loop_factory=factory) as runner:
        loop = runner.get_loop()
        loop.set_exception_handler(lambda *_: None)
        with observe(loop) as tracer:
            try:
                loop.run_until_complete(player.main(program))
            except (Failed, ExceptionGroup, asyncio.CancelledError) as error:
                player.log.append(repr(error))
            log = list(player.log)
    return log, tracer


def untraced(_loop):
    return contextlib.nullcontext()


@QUICK
@given(programs)
def test_random_programs_behave_the_same_traced_and_untraced(program):
    plain, _ = played(program, VirtualLoop, untraced)
    traced, tracer = played(program, VirtualLoop, Tracer)
    assert traced == plain
    trace = tracer.trace()
    assert trace.tracer_errors == []
    assert played(program, VirtualLoop, Tracer)[1].trace() == trace


# -- real and virtual ----------------------------------------------------------------------
# A busy machine may be late by any amount; what order is defined then? That of tasks which wake
# each other, and that of timers. So these programs take no time, except in one flat race.

soon = st.just(0)
soon_leaves = st.one_of(
    st.tuples(st.sampled_from(["sleep", "fail", "permit"]), soon),
    st.tuples(st.sampled_from(["cancel", "timeout"]), soon, st.just(("sleep", 3600))),
)


def soon_compounds(programs):
    several = st.lists(programs, min_size=1, max_size=3)
    return st.one_of(
        st.tuples(st.just("sequence"), several),
        st.tuples(st.just("gather"), several, st.booleans()),
        st.tuples(st.just("group"), st.tuples(programs)),  # siblings are cancelled in any order
        st.tuples(st.just("cancel"), soon, programs),
        st.tuples(st.just("shield"), programs),
        st.tuples(st.just("leave"), programs),
    )


@QUICK
@given(st.recursive(soon_leaves, soon_compounds, max_leaves=8))
def test_random_programs_behave_the_same_on_the_virtual_and_the_real_clock(program):
    virtual, _ = played(program, VirtualLoop, Tracer, timed=False)
    real, _ = played(program, None, Tracer, timed=False)
    assert real == virtual


@settings(QUICK, max_examples=10)
@given(st.permutations(range(8)))
def test_deadlines_fire_in_the_same_order_on_the_virtual_and_the_real_clock(deadlines):
    async def race(unit):
        loop, fired = asyncio.get_running_loop(), []
        start = loop.time()
        for deadline in deadlines:
            loop.call_at(start + deadline * unit, fired.append, deadline)
        await asyncio.sleep(len(deadlines) * unit)
        return fired

    with asyncio.Runner(loop_factory=VirtualLoop) as virtual, asyncio.Runner() as real:
        in_order = list(range(len(deadlines)))
        assert virtual.run(race(1)) == real.run(race(0.001)) == in_order
