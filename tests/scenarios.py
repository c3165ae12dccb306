"""Programs that use all of asyncio and write down what they see.

Each takes ``log`` and states one fact in its docstring. They are run with and without the
tracer, and must log the same. So that they also do on the real clock and on a busy machine, their
order never hangs on two waits being about as long as each other: what comes later waits for what
comes earlier, or for ``LONG``.
"""

import asyncio
import contextlib
import contextvars
import gc
import io
import re
import sys
import traceback
import warnings
import weakref

SHORT = 0.01
LONG = 3600

COLOUR = contextvars.ContextVar("COLOUR", default="none")


def clean(text):
    """Text without addresses, task numbers and line numbers of library code."""
    text = re.sub(r"0x[0-9a-f]+", "0x", text)
    text = re.sub(r"Task-\d+", "Task-N", text)
    return re.sub(r"line \d+", "line N", text)


async def identity(log):
    """A task is the object it always was: type, name, coroutine, repr, stack."""

    async def look():
        await asyncio.sleep(SHORT)
        return asyncio.current_task() is task

    coro = look()
    task = asyncio.create_task(coro, name="looker")
    log(type(task).__name__, isinstance(task, asyncio.Task), task.get_coro() is coro)
    log(task.get_name(), clean(repr(task)), task in asyncio.all_tasks(), hash(task) == hash(task))
    await asyncio.sleep(0)
    stack, printed = task.get_stack(), io.StringIO()
    task.print_stack(file=printed)
    log(clean(repr(task)), len(stack), stack[0].f_code.co_name, clean(printed.getvalue()))
    log(await task, clean(repr(task)), task.result(), len(asyncio.all_tasks()))
    task.set_name("other")
    log(task.get_name(), asyncio.current_task().get_name()[:5])


async def context(log):
    """Context variables are copied for each task, callback and thread, as without a tracer."""

    async def paint(colour):
        log(colour, COLOUR.get())
        COLOUR.set(colour)
        await asyncio.sleep(SHORT)
        log(colour, COLOUR.get())

    COLOUR.set("main")
    own = contextvars.copy_context()
    own.run(COLOUR.set, "own")
    await asyncio.gather(paint("red"), asyncio.create_task(paint("blue"), context=own))
    log(COLOUR.get(), own[COLOUR])
    asyncio.get_running_loop().call_soon(lambda: log("callback", COLOUR.get()), context=own)
    await asyncio.sleep(SHORT)
    log(await asyncio.to_thread(COLOUR.get))


async def cancellation(log):
    """Requests to cancel are counted, carry their message, and can be refused."""

    async def work(name, *, refuse=False):
        try:
            log(name, "starts")
            await asyncio.sleep(LONG)
        except asyncio.CancelledError as error:
            log(name, "cancelled", error.args, asyncio.current_task().cancelling())
            if not refuse:
                raise
            log(name, "refuses", asyncio.current_task().uncancel())
            await asyncio.sleep(SHORT)
            return "went on"
        finally:
            log(name, "cleans up")

    unborn = asyncio.create_task(work("unborn"))
    log(unborn.cancel("early"), unborn.cancelling())
    meek, bold = asyncio.create_task(work("meek")), asyncio.create_task(work("bold", refuse=True))
    await asyncio.sleep(SHORT)
    log(meek.cancel("please"), meek.cancel(), meek.cancelling(), bold.cancel())
    log(list(map(repr, await asyncio.gather(unborn, meek, bold, return_exceptions=True))))
    log(meek.cancelled(), bold.cancelled(), bold.cancelling(), meek.cancel())

    inner = asyncio.create_task(work("shielded"))
    outer = asyncio.create_task(asyncio.wait_for(asyncio.shield(inner), LONG))
    await asyncio.sleep(SHORT)
    outer.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await outer
    log(outer.cancelled(), inner.done())
    inner.cancel()
    await asyncio.wait([inner])

    later = asyncio.create_task(work("later"))
    asyncio.get_running_loop().call_later(SHORT, later.cancel)
    await asyncio.wait([later])
    log(later.cancelled())

    async def cancel_myself():
        asyncio.current_task().cancel()
        await asyncio.sleep(LONG)

    async def await_another():
        await asyncio.create_task(work("awaited"))

    for task in map(asyncio.create_task, (cancel_myself(), await_another())):
        await asyncio.sleep(SHORT)
        task.cancel()
        await asyncio.wait([task])
        log(task.cancelled())


async def timeouts(log):
    """A timeout cancels what is inside it and nothing else; it can be moved."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(LONG) as outer:
            try:
                async with asyncio.timeout(SHORT) as inner:
                    await asyncio.sleep(LONG)
            except TimeoutError:
                log("inner", inner.expired(), outer.expired(), asyncio.current_task().cancelling())
            outer.reschedule(loop.time() + SHORT)
            await asyncio.sleep(LONG)
    except TimeoutError:
        log("outer", outer.expired(), asyncio.current_task().cancelling())
    async with asyncio.timeout(SHORT) as moved:
        moved.reschedule(loop.time() + LONG)
        await asyncio.sleep(2 * SHORT)
    log("moved", moved.expired())
    try:
        await asyncio.wait_for(asyncio.sleep(LONG), SHORT)
    except TimeoutError as error:
        log("wait_for", repr(error))
    log(await asyncio.wait_for(asyncio.sleep(SHORT, "in time"), LONG))


async def tracebacks(log):
    """A traceback shows the learner's frames and asyncio's, no others."""

    async def divide():
        await asyncio.sleep(0)
        return 1 / 0

    async def explain():
        try:
            await divide()
        except ZeroDivisionError as error:
            raise ValueError("no good") from error

    async def nested():
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(LONG))

    try:
        await asyncio.create_task(explain(), name="explainer")
    except ValueError:
        log(clean(traceback.format_exc()))
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(explain())
            group.create_task(asyncio.sleep(LONG))
            group.create_task(nested())
    except* ValueError:
        log(clean(traceback.format_exc()))


async def messages(log):
    """What asyncio and Python complain of: unseen exceptions, lost tasks, forgotten awaits."""
    loop = asyncio.get_running_loop()

    def handler(_, complaint):
        log(complaint["message"], repr(complaint.get("exception")), sorted(complaint))

    async def fail():
        raise KeyError("k")

    async def hang():
        await loop.create_future()

    loop.set_exception_handler(handler)
    task = asyncio.create_task(fail())
    failed = weakref.ref(task)
    await asyncio.sleep(SHORT)
    del task
    log("freed at once", failed() is None)
    task = asyncio.create_task(hang())
    lost = weakref.ref(task)
    await asyncio.sleep(SHORT)
    del task
    gc.collect()
    log("collected", lost() is None)
    task = asyncio.create_task(asyncio.sleep(0))
    ended = weakref.ref(task)
    await task
    del task
    log("freed at once", ended() is None)
    kept = asyncio.create_task(hang())
    loop.call_later(SHORT, kept.cancel)
    kept = weakref.ref(kept)
    await asyncio.sleep(0)
    gc.collect()
    log("kept by its timer", kept() is not None)
    await asyncio.sleep(2 * SHORT)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fail()  # never awaited
        gc.collect()
        log([clean(str(warning.message)) for warning in caught])
    loop.call_soon(lambda: 1 / 0)
    await asyncio.sleep(SHORT)


async def order(log):
    """Steps, callbacks and done-callbacks interleave as they always did."""

    async def work(name):
        for step in range(3):
            log(name, step)
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(work(name)) for name in "abc"]
    asyncio.get_running_loop().call_soon(log, "soon")
    tasks[0].add_done_callback(lambda _: log("a is done"))
    tasks[0].add_done_callback(lambda _: log("a is done, again"))
    await asyncio.gather(*tasks)
    await asyncio.sleep(0)


async def groups(log):
    """gather leaves the siblings of a failure alone; a TaskGroup stops them."""
    go_on = asyncio.Event()

    async def work(name, delay, *, fails=False):
        try:
            await (go_on.wait() if delay is None else asyncio.sleep(delay))
        except asyncio.CancelledError:
            log(name, "cancelled")
            raise
        log(name, "ends")
        if fails:
            raise RuntimeError(name)
        return name

    for collect_errors in (False, True):
        go_on.clear()
        late = asyncio.create_task(work("late", None))
        early = work("early", SHORT), work("bad", 8 * SHORT, fails=True)
        if collect_errors:
            go_on.set()
        try:
            log(repr(await asyncio.gather(*early, late, return_exceptions=collect_errors)))
        except RuntimeError as error:
            log("gather raised", repr(error), late.done())
        go_on.set()
        await late

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(work("early", SHORT))
            group.create_task(work("bad", 8 * SHORT, fails=True))
            group.create_task(work("long", LONG))
    except* RuntimeError as error:
        log("group raised", len(error.exceptions))


async def races(log):
    """wait and as_completed tell who was first; nobody is cancelled unasked."""

    async def work(name, delay):
        await asyncio.sleep(delay)
        log(name, "ends")
        return name

    racers = {asyncio.create_task(work(n, d), name=n) for n, d in (("x", SHORT), ("y", LONG))}
    done, pending = await asyncio.wait(racers, return_when=asyncio.FIRST_COMPLETED)
    log([task.get_name() for task in done], [task.cancel() for task in pending])
    await asyncio.wait(pending)
    pair = [asyncio.create_task(work(n, d)) for n, d in (("slow", 9 * SHORT), ("fast", SHORT))]
    for soonest in asyncio.as_completed(pair):
        log(await soonest)


async def async_generators(log):
    """Asynchronous generators are iterated, closed, thrown into and left behind as always."""

    async def count(n):
        try:
            for i in range(n):
                await asyncio.sleep(SHORT)
                yield i
        except GeneratorExit:
            log("exit")
            raise
        finally:
            await asyncio.sleep(0)
            log("closed")

    async for number in count(5):
        if number == 1:
            break
    closed = count(3)
    log(await anext(closed))
    await closed.aclose()
    log([x async for x in count(3)], [x * y async for x in count(2) for y in range(2)])
    thrown = count(3)
    await anext(thrown)
    try:
        await thrown.athrow(ValueError("thrown"))
    except ValueError as error:
        log(repr(error))
    gc.collect()
    await asyncio.sleep(2 * SHORT)


async def synchronisation(log):
    """Semaphores, queues and conditions wake their waiters in the same order."""
    permits, queue, condition = asyncio.Semaphore(2), asyncio.Queue(2), asyncio.Condition()

    async def visit(i):
        async with permits:
            log("visit", i)
            await asyncio.sleep(SHORT)

    async def consume():
        while True:
            item = await queue.get()
            await asyncio.sleep(0)
            log("got", item)
            queue.task_done()

    async def be_told(i):
        async with condition:
            await condition.wait()
            log("told", i)

    await asyncio.gather(*(visit(i) for i in range(5)))
    consumers = [asyncio.create_task(consume()) for _ in range(2)]
    for item in range(5):
        await queue.put(item)
        log("put", item)
    await queue.join()
    for consumer in consumers:
        consumer.cancel()
    waiters = [asyncio.create_task(be_told(i)) for i in range(3)]
    await asyncio.sleep(SHORT)
    async with condition:
        condition.notify(2)
    await asyncio.sleep(SHORT)
    log([waiter.done() for waiter in waiters])
    waiters[2].cancel()
    await asyncio.wait(waiters)


async def custom_tasks(log):
    """Own awaitables, own task classes, Python tasks, and coroutines sent in from a thread."""
    loop = asyncio.get_running_loop()

    class Awaitable:
        def __await__(self):
            yield from asyncio.sleep(SHORT).__await__()
            return "awaited"

    class LoudTask(asyncio.Task):
        def cancel(self, msg=None):
            log("own cancel", msg)
            return super().cancel(msg)

    def loud(loop, coro, **options):
        return LoudTask(coro, loop=loop, **options)

    future = loop.create_future()
    loop.call_later(SHORT, future.set_result, "set")
    log(await Awaitable(), await future)
    loop.set_task_factory(loud)
    short, long = (asyncio.create_task(asyncio.sleep(d, "slept")) for d in (0, LONG))
    loop.set_task_factory(None)
    log(type(short).__name__, await short)
    long.cancel("enough")
    await asyncio.wait([long])
    log(await asyncio.tasks._PyTask(asyncio.sleep(SHORT, "in Python"), loop=loop))
    if sys.platform != "emscripten":
        ask = asyncio.run_coroutine_threadsafe
        log(await asyncio.to_thread(lambda: ask(asyncio.sleep(0, "sent"), loop).result(60)))


async def eager_tasks(log):
    """Eager tasks run their first step at birth (3.12 and later)."""
    if not hasattr(asyncio, "eager_task_factory"):
        return

    async def work(name, delay):
        log(name, asyncio.current_task().get_name())
        if delay:
            await asyncio.sleep(delay)
        return name

    async def parent():
        first = await asyncio.create_task(work("k", 0), name="k")
        return first, await asyncio.create_task(work("l", SHORT), name="l")

    async def fail():
        return 1 / 0

    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    quick = asyncio.create_task(work("quick", 0), name="quick")
    slow = asyncio.create_task(work("slow", LONG), name="slow")
    log(quick.done(), slow.done())
    family = asyncio.create_task(parent(), name="family")
    slow.cancel()
    log(await quick, await family)
    await asyncio.wait([slow])
    log(slow.cancelled())
    try:
        await asyncio.create_task(fail())
    except ZeroDivisionError:
        log(clean(traceback.format_exc()))


async def call_graph(log):
    """The graph of who awaits whom is unchanged (3.14 and later)."""
    if not hasattr(asyncio, "format_call_graph"):
        return

    async def leaf():
        await asyncio.sleep(SHORT)
        log(clean(asyncio.format_call_graph()))

    async def branch():
        async with asyncio.TaskGroup() as group:
            group.create_task(leaf(), name="leaf")

    await asyncio.create_task(branch(), name="branch")


async def debug_mode(log):
    """In debug mode each handle and task knows the learner's line that made it."""
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    task = asyncio.create_task(asyncio.sleep(SHORT))
    soon, later = loop.call_soon(log, "soon"), loop.call_later(SHORT, log, "later")
    for made in (task, soon, later):
        log(made._source_traceback[-1].name, made._source_traceback[-1].line)
    await task
    await asyncio.sleep(2 * SHORT)
    loop.set_debug(False)


async def system_exit(log):
    """SystemExit in any task ends the loop."""

    async def leave():
        await asyncio.sleep(SHORT)
        raise SystemExit(3)

    leaver = asyncio.create_task(leave())
    await asyncio.sleep(LONG)
    log("never", leaver)


SCENARIOS = [
    *(identity, context, cancellation, timeouts, tracebacks, messages, order, groups),
    *(races, async_generators, synchronisation, custom_tasks, eager_tasks, call_graph, debug_mode),
    system_exit,
]
