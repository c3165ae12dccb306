"""Diagnosis: what went wrong in a run, in four parts, and the misconceptions that explain it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MISCONCEPTIONS", "Diagnosis", "Misconception"]


@dataclass(frozen=True, slots=True)
class Misconception:
    """A belief about asyncio that many people hold and that is not true.

    Attributes:
        name: short, as it stands in feedback and in the teacher's report.
        truth: one or two sentences on what is true instead.
        lesson: the stem of the lesson that shows it.
    """

    name: str
    truth: str
    lesson: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why an answer is not right yet.

    Attributes:
        key: names the misconception in ``MISCONCEPTIONS``.
        did: what the learner's code did, with numbers from the trace.
        expected: what the contract asks for instead.
        look: where to look, in the code or in the picture; may be empty.
    """

    key: str
    did: str
    expected: str
    look: str = ""

    @property
    def misconception(self) -> Misconception:
        """The likely reason."""
        return MISCONCEPTIONS[self.key]


MISCONCEPTIONS: dict[str, Misconception] = {
    "one by one": Misconception(
        "awaiting coroutines one by one",
        "`await` on a coroutine, or on a task just made of it, waits for its end before the next "
        "line begins. To overlap, all of them must be tasks before the first of them is awaited.",
        "01_sequential_vs_concurrent",
    ),
    "partly one by one": Misconception(
        "only some of the waits overlap",
        "Whatever is awaited before the next thing is started adds its whole time to the total.",
        "01_sequential_vs_concurrent",
    ),
    "never awaited": Misconception(
        "calling is running",
        "Calling an `async def` function only makes a coroutine. Nothing in it happens until it "
        "is awaited or made a task.",
        "01_sequential_vs_concurrent",
    ),
    "loop in a loop": Misconception(
        "a coroutine needs somebody to run a loop for it",
        "Where a coroutine runs, a loop is running already, and no second one can run in its "
        "place. `await` is all it takes.",
        "00_start_here",
    ),
    "not async": Misconception(
        "an ordinary function can wait",
        "Only a function defined with `async def` can await, and only such a function can be "
        "awaited.",
        "01_sequential_vs_concurrent",
    ),
    "returned a coroutine": Misconception(
        "calling is running",
        "A coroutine, a task or a future is the promise of a result. Only awaiting it gives the "
        "result itself.",
        "01_sequential_vs_concurrent",
    ),
    "response kept": Misconception(
        "a response is its data",
        "`await client.get(path)` gives a response, with a status and headers. The data in it is "
        "what its `.json()` returns.",
        "01_sequential_vs_concurrent",
    ),
    "no return": Misconception(
        "what was worked out last is given back",
        "A function gives back what stands behind the `return` that it reaches. If it reaches "
        "none, it gives back `None`.",
        "01_sequential_vs_concurrent",
    ),
    "blocked loop": Misconception(
        "any sleep lets others run",
        "`time.sleep()` and long computations keep the one thread that all tasks share. Only an "
        "`await` lets somebody else have a turn.",
        "01_sequential_vs_concurrent",
    ),
    "waits without await": Misconception(
        "a lock is a lock, and a queue is a queue",
        "Those of `threading` and `queue` wait in the one thread that all tasks share, and so does "
        "a socket: whoever could end the wait never gets a turn. asyncio has its own, to be "
        "awaited.",
        "08_common_mistakes",
    ),
    "chained needlessly": Misconception(
        "everything depends on the line above",
        "A request has to wait for another one only if it uses its answer.",
        "01_sequential_vs_concurrent",
    ),
    "too early": Misconception(
        "what only waits can be left out",
        "A pause that the contract asks for is part of it, even if it does nothing.",
        "01_sequential_vs_concurrent",
    ),
    "measured": Misconception(
        "the picture in the head differs from the run",
        "Each wait begins when its coroutine starts to run, and ends at its own time. Draw the "
        "lanes on paper, then run the program and compare.",
        "01_sequential_vs_concurrent",
    ),
    "nested list": Misconception(
        "a list in a list is one list",
        "A list that stands between two entries is itself one entry. A star in front of it, "
        "`*entries`, puts its entries there one by one.",
        "04_create_task",
    ),
    "sum expected": Misconception(
        "waits always add up",
        "Tasks that are under way together wait side by side: the longest wait counts.",
        "01_sequential_vs_concurrent",
    ),
    "slowest expected": Misconception(
        "async code always overlaps",
        "Nothing overlaps by itself. Awaiting coroutines in turn takes the sum of their waits.",
        "01_sequential_vs_concurrent",
    ),
    "finish order": Misconception(
        "results come in the order in which they finish",
        "`gather` answers in the order of its arguments. Code that collects results as they "
        "arrive has to put them back in order itself.",
        "02_gather",
    ),
    "wrong pairs": Misconception(
        "results pair up by themselves",
        "An answer belongs to the call that made it. Where some are left out, positions shift, "
        "and `zip` pairs the wrong ones.",
        "02_gather",
    ),
    "flattened": Misconception(
        "a gather in a gather becomes one list",
        "A gather gives one result for each thing that it waits for. The result of an inner "
        "gather is a list, and it stays one.",
        "02_gather",
    ),
    "failure waits for all": Misconception(
        "a gather always waits for all of its calls",
        "Without `return_exceptions=True` the first failure ends the waiting at once.",
        "02_gather",
    ),
    "first of all": Misconception(
        "the first result ends a gather",
        "A gather ends with its first failure, or when the list is complete. A success ends "
        "nothing.",
        "02_gather",
    ),
    "last failure": Misconception(
        "a gather collects the failures first",
        "The first failure is raised at the moment in which it happens; nobody waits for a "
        "second one.",
        "02_gather",
    ),
    "failure lost": Misconception(
        "a failure that is not looked at is no failure",
        "An exception that is caught, or handed over as a value by `return_exceptions=True`, does "
        "nothing by itself any more. If nobody looks at it and acts on it, it is gone.",
        "02_gather",
    ),
    "one failure loses all": Misconception(
        "one failure is the matter of one call",
        "A gather raises the first exception at once, and the answers of the others are out of "
        "reach; a `TaskGroup` stops them as well. Only what is caught before it gets there harms "
        "nobody else.",
        "02_gather",
    ),
    "exception as result": Misconception(
        "every value in the list is an answer",
        "With `return_exceptions=True` the list holds answers and exceptions, and only a look "
        "at each of them tells which is which.",
        "02_gather",
    ),
    "cancelled is an answer": Misconception(
        "every failure is an Exception",
        "`CancelledError` is a BaseException and no Exception. A test for `Exception` takes a "
        "call that was cancelled for one that was answered.",
        "02_gather",
    ),
    "arguments of gather": Misconception(
        "gather takes whatever I have",
        "`gather` takes the calls themselves, each as one argument, and awaits them. A list of "
        "them needs a star in front of it; the result of one, with `await` in front, is no call. "
        "`as_completed` takes all calls in one list.",
        "02_gather",
    ),
    "begun first": Misconception(
        "what begins first stands first",
        "The place of a result is the place of its call among the arguments of `gather`, whatever "
        "began first or ended first.",
        "02_gather",
    ),
    "nothing runs on": Misconception(
        "gather cancels the siblings",
        "When one of them fails, `gather` raises and the others run on. Nobody cancels them.",
        "03_gather_failures",
    ),
    "called back is failed": Misconception(
        "what is no answer is a failure",
        "A task can end in three ways: with a value, with an exception, or cancelled. "
        "`CancelledError` is a BaseException as all the others are, so a test for it comes first.",
        "03_gather_failures",
    ),
    "first test takes all": Misconception(
        "the test that fits best is the one that counts",
        "Of several tests the first that fits decides. `BaseException` fits every exception, so "
        "what stands behind a test for it is never reached.",
        "03_gather_failures",
    ),
    "stopped too soon": Misconception(
        "one failure is the end of all",
        "What is caught in a task stops nobody else. Where an exception is caught decides whether "
        "the others go on.",
        "03_gather_failures",
    ),
    "stopped late": Misconception(
        "they stop when it is time",
        "The others stop when they are asked to, and not before. As long as you wait for something "
        "else in front of that line, for the next in a list or for one answer more, they run on.",
        "03_gather_failures",
    ),
    "asked to stop twice": Misconception(
        "to ask once more does no harm",
        "Each request to stop is delivered, and the second one breaks into the clean-up that the "
        "first one began. `cancelling()` tells whether a task has been asked.",
        "03_gather_failures",
    ),
    "request swallowed": Misconception(
        "a CancelledError is a failure like the others",
        "It is a request to stop, made to you. Clean up, and let it pass: who turns it into a "
        "result goes on as if nobody had asked.",
        "03_gather_failures",
    ),
    "passes by": Misconception(
        "except Exception stands on every way out",
        "A `CancelledError` is no `Exception`: it goes past such a clause, and what stands there "
        "is not done.",
        "03_gather_failures",
    ),
    "failure dropped": Misconception(
        "what is caught is dealt with",
        "An exception that is caught and not raised again is gone: nobody above hears of it, "
        "whatever else comes out.",
        "03_gather_failures",
    ),
    "gathered twice": Misconception(
        "a coroutine can be awaited again",
        "A coroutine runs once. A task keeps its outcome, and gives it to everybody who awaits "
        "it, however often.",
        "03_gather_failures",
    ),
    "ran past its failure": Misconception(
        "a failure is only noted",
        "The line that raises is the last one that runs. What stands below it in the coroutine "
        "does not happen.",
        "03_gather_failures",
    ),
    "told at the end": Misconception(
        "all outcomes are a warning in time",
        "A gather to which failures are values says nothing before its last call has ended. "
        "Whoever wants to act at a failure has to hear of it when it happens.",
        "03_gather_failures",
    ),
    "result too early": Misconception(
        "a task has its result at once",
        "`create_task` only announces the task, and `result()` does not wait. Awaiting the task "
        "does, and gives the result.",
        "04_create_task",
    ),
    "starts at once": Misconception(
        "create_task starts the task",
        "`create_task` puts a task into the queue of the loop. It has its first turn when whoever "
        "made it waits for something.",
        "04_create_task",
    ),
    "starts when awaited": Misconception(
        "a task begins where it is awaited",
        "A task begins at the first `await` that really waits, whatever is awaited there. To await "
        "the task itself is only to ask for its end.",
        "04_create_task",
    ),
    "works when awaited": Misconception(
        "a task works while somebody awaits it",
        "Once a task has begun it runs by its own clock, whoever waits for what.",
        "04_create_task",
    ),
    "not begun": Misconception(
        "a coroutine on a list is under way",
        "A coroutine is a plan. It is under way once it is a task: `create_task` makes one at that "
        "line, and a gather makes one of each when it is called.",
        "04_create_task",
    ),
    "arguments of create_task": Misconception(
        "create_task takes whatever I have",
        "`create_task` takes the call itself, `create_task(work(1))`. The function alone is no "
        "coroutine, and with an `await` in front it is the result that you hand over.",
        "04_create_task",
    ),
    "not called": Misconception(
        "a name does what its call does",
        "Without brackets a function is only named: `task.result` is the method, and "
        "`task.result()` is what it gives.",
        "04_create_task",
    ),
    "one at a time": Misconception(
        "what can wait side by side may do so",
        "Tasks can overlap as much as you like; whether their calls may is up to the other side. "
        "What serves one at a time is awaited before the next begins.",
        "04_create_task",
    ),
    "result raises": Misconception(
        "a task that is done has a value",
        "Done is also who has failed. Then `result()` raises the exception in you, and so do "
        "`await` and a plain gather; `exception()` gives it to you as a value.",
        "04_create_task",
    ),
    "looking is waiting": Misconception(
        "to look at a task is to wait for it",
        "`done()` answers at once, and once it says yes, `exception()` and `result()` do. Only "
        "`await` waits.",
        "04_create_task",
    ),
    "limit stops the work": Misconception(
        "a limit on the waiting leaves the work alone",
        "A time limit cancels what it waits for: `timeout` and `wait_for` stop the work as well as "
        "the waiting.",
        "05_cancellation_and_timeouts",
    ),
    "guessed": Misconception(
        "a sleep that is long enough is a wait",
        "Nobody knows how long a task will take. To await it takes exactly as long as it does.",
        "04_create_task",
    ),
    "pause added": Misconception(
        "a short pause does no harm",
        "In a pause nothing happens that somebody waits for. Where the contract says *at once*, "
        "there is none.",
        "05_cancellation_and_timeouts",
    ),
    "lost": Misconception(
        "what I have started lives until it ends",
        "A task lives as long as something holds it: you, or what will wake it up. If that is held "
        "by nobody else, the collector throws both away, and nothing is raised.",
        "04_create_task",
    ),
    "heard late": Misconception(
        "a failure can be read when all is over",
        "Who looks at the outcomes in the end hears of a failure in the end. A `try` in the task "
        "itself, or a done callback, hears of it when it happens.",
        "04_create_task",
    ),
    "late closure": Misconception(
        "a function made in a loop keeps the value of its turn",
        "It reads the variable when it is called, and by then the loop has gone on. What it shall "
        "keep has to be handed over when it is made.",
        "04_create_task",
    ),
    "called at once": Misconception(
        "a function is handed over with its brackets",
        "`add_done_callback(tell)` hands the function over. With brackets it is called in this "
        "very line, and what it returns is handed over.",
        "04_create_task",
    ),
    "called at any end": Misconception(
        "a done callback means what I hope for",
        "A callback is called at any end: a result, a failure, a cancellation. Which of them it "
        "was has to be asked.",
        "04_create_task",
    ),
    "leaked": Misconception(
        "what I do not await is over",
        "A task runs until it ends, or until the loop closes under it. Whoever starts a task "
        "has to wait for it.",
        "04_create_task",
    ),
    "never began": Misconception(
        "a task runs at least a little",
        "A task that is cancelled before its first step never runs: not its first line, and not "
        "its `finally`, whose `try` was never entered.",
        "05_cancellation_and_timeouts",
    ),
    "done and cancelled": Misconception(
        "a request reaches everybody",
        "Only who is still under way can be stopped. To ask a task that is done does nothing: it "
        "keeps its result.",
        "05_cancellation_and_timeouts",
    ),
    "late or failed": Misconception(
        "what goes wrong is late",
        "A call can be late, and it can fail. `TimeoutError` is the name of the first only; "
        "`except Exception` catches both, and lets a request to stop pass.",
        "05_cancellation_and_timeouts",
    ),
    "not told": Misconception(
        "who is asked to stop has no time for a word",
        "Between the request and the end there is room: catch the `CancelledError`, say it, and "
        "let it pass on. A `finally` says it in every case, also where nobody has asked.",
        "05_cancellation_and_timeouts",
    ),
    "seen from inside": Misconception(
        "a time limit raises the same everywhere",
        "Inside of its block a time limit is a `CancelledError`, like any request to stop. At the "
        "end of the block it becomes a `TimeoutError`, and that is what can be caught outside.",
        "05_cancellation_and_timeouts",
    ),
    "each is not all": Misconception(
        "a limit for each is a limit for all",
        "How long one answer may take and how long you will wait for all of them are two "
        "questions, and need two limits.",
        "05_cancellation_and_timeouts",
    ),
    "lost at the limit": Misconception(
        "who is cancelled gives what there is",
        "A limit around a gather cancels it, and a cancelled gather has no list to give. What each "
        "call has noted itself is there all the same, and so are tasks that somebody has kept.",
        "05_cancellation_and_timeouts",
    ),
    "end raised": Misconception(
        "the end of a cancelled task is an end like any other",
        "Awaiting a task that was cancelled raises its `CancelledError` in you. `asyncio.wait` "
        "waits for the same end, and raises nothing of it.",
        "05_cancellation_and_timeouts",
    ),
    "not asked to stop": Misconception(
        "to wait for somebody is to bring them to an end",
        "Waiting asks nobody to stop. Who is not needed any more has to be cancelled first, and "
        "waited for after that.",
        "05_cancellation_and_timeouts",
    ),
    "first is best": Misconception(
        "whoever is first has won",
        "To be first is not to be the one that is wanted. As long as the better one can still come "
        "in time, its task has to go on.",
        "05_cancellation_and_timeouts",
    ),
    "torn": Misconception(
        "a request waits for a good moment",
        "A request to stop is raised at whatever `await` the work stands at. What must not be "
        "broken off needs a task of its own, a shield, and somebody who waits for it.",
        "05_cancellation_and_timeouts",
    ),
    "shield only": Misconception(
        "a shield protects whoever holds it",
        "The shield protects the task behind it, and the request reaches you. If you go, the task "
        "ends with the program: keep it, and wait for it.",
        "05_cancellation_and_timeouts",
    ),
    "shield too wide": Misconception(
        "more shield is more safety",
        "What stands behind a shield does not stop when you are asked to. Only what must be "
        "finished belongs there.",
        "05_cancellation_and_timeouts",
    ),
    "cancelled, not awaited": Misconception(
        "cancel() is the end",
        "`cancel()` is a request. The task ends at some later step, and only awaiting it tells "
        "you when its clean-up is done. A gather that is cancelled asks all of its calls to stop, "
        "and is over with the first of them.",
        "05_cancellation_and_timeouts",
    ),
    "unbounded": Misconception(
        "the service will cope",
        "Without a limit everything is in flight at once, however much it is.",
        "06_semaphore",
    ),
    "nothing to enter": Misconception(
        "async with takes whatever I have",
        "`async with` enters what was made for it, such as `asyncio.Semaphore(2)` or "
        "`asyncio.TaskGroup()`: no number, and no class without its brackets. And a plain `with` "
        "cannot enter these.",
        "06_semaphore",
    ),
    "fresh semaphore": Misconception(
        "each semaphore knows of the others",
        "A semaphore counts the permits that *it* gave out. If every call makes its own, every "
        "call finds a free permit.",
        "06_semaphore",
    ),
    "over the limit": Misconception(
        "a limit somewhere is a limit",
        "A semaphore counts who is inside its block, and lets in as many as it has permits. What "
        "is done outside of the block is not held back. Workers do as many things at once as there "
        "are workers.",
        "06_semaphore",
    ),
    "permit held": Misconception(
        "one permit for the whole job",
        "A permit that is held across everything lets one job in at a time. It belongs around "
        "the one call that must be limited.",
        "06_semaphore",
    ),
    "batches": Misconception(
        "a batch is a limit",
        "In a batch everybody waits for the slowest of the batch, and its places stay empty "
        "meanwhile. A limit gives a place to the next one as soon as one is free.",
        "06_semaphore",
    ),
    "permit lost": Misconception(
        "release() will be reached",
        "An exception between `acquire()` and `release()` leaves the permit taken for ever. "
        "`async with` gives it back in every case.",
        "06_semaphore",
    ),
    "given back twice": Misconception(
        "one release more does no harm",
        "Each `release()` adds a permit, whether one was taken or not. `async with` gives back "
        "what it took, once.",
        "06_semaphore",
    ),
    "too few permits": Misconception(
        "the number of places will be right",
        "A semaphore lets in as many as it was made for: `asyncio.Semaphore()` one, as a lock "
        "does. So many workers do so many things at once. Everybody else waits, however much room "
        "there is.",
        "06_semaphore",
    ),
    "queue forgotten": Misconception(
        "waiting for a permit takes no time",
        "Who finds no free permit begins later: as soon as somebody else has given one back.",
        "06_semaphore",
    ),
    "part of a round": Misconception(
        "two permits make one call faster",
        "A call uses one permit and takes its whole time. A last round with a single call takes "
        "as long as a full one.",
        "06_semaphore",
    ),
    "each from the start": Misconception(
        "a list remembers how far others have come",
        "Each `for` over a list begins with its first item. Workers share a pile if all of them "
        "take from one iterator, or from one queue.",
        "06_semaphore",
    ),
    "worker lost": Misconception(
        "a worker survives its exceptions",
        "An exception that leaves a worker's loop ends the worker. Nobody takes its place.",
        "06_semaphore",
    ),
    "queueing counts": Misconception(
        "a time limit knows when the work begins",
        "A time limit measures all that happens inside its block. Where the wait for a permit "
        "stands inside, the time spent in the queue counts, too.",
        "06_semaphore",
    ),
    "never gives up": Misconception(
        "every call comes to an end soon",
        "A call lasts as long as the other side lets it. Only a time limit around it ends it "
        "sooner.",
        "05_cancellation_and_timeouts",
    ),
    "turn too early": Misconception(
        "a turn can be kept for later",
        "A turn says *now*. Whoever takes it and then waits for a permit begins at another time, "
        "perhaps together with somebody else.",
        "06_semaphore",
    ),
    "waited needlessly": Misconception(
        "a pause is a rate",
        "What counts is the time since the last one began. Whoever comes after a gap that is "
        "long enough need not wait again.",
        "06_semaphore",
    ),
    "rate is not concurrency": Misconception(
        "one limit does the work of both",
        "A semaphore bounds how many are in flight, and knows nothing of seconds. A rate bounds "
        "how many begin in a second, and knows nothing of how many are still under way.",
        "06_semaphore",
    ),
    "only watched": Misconception(
        "what nobody watches any more stops",
        "`wait` and `as_completed` only watch. A timeout ends the watching, and the tasks go on: "
        "whoever has made them is the one to stop them.",
        "07_wait_and_as_completed",
    ),
    "waited for all": Misconception(
        "to wait for all is to hear of each",
        "Whoever waits for all of them hears of the first one together with the last. `wait` with "
        "another moment, and `as_completed`, come back sooner.",
        "07_wait_and_as_completed",
    ),
    "head of the line": Misconception(
        "the first in my list is done first",
        "Awaiting the tasks of a list in turn waits for the first one, however many behind it are "
        "done. `as_completed` goes by who finishes.",
        "07_wait_and_as_completed",
    ),
    "order of done": Misconception(
        "done has an order",
        "`done` is a set: it is neither in the order of asking nor in that of finishing. Walk "
        "through what you have in order, and ask the set who is in it.",
        "07_wait_and_as_completed",
    ),
    "a failure is not done": Misconception(
        "only a success is done",
        "A task that has failed is done, as one that has finished or was cancelled. "
        "`FIRST_COMPLETED` wakes for each of them.",
        "07_wait_and_as_completed",
    ),
    "first done wins": Misconception(
        "the first that is done is the one that I wait for",
        "*Done* can be finished, failed or cancelled. Only a look at the task tells which, and as "
        "long as it is not what you wait for, the waiting goes on.",
        "07_wait_and_as_completed",
    ),
    "one of several": Misconception(
        "done holds one task",
        "`done` holds whatever has ended by the time that the waiting task has its turn: one, or "
        "several. Whoever takes one and forgets the set loses the others.",
        "07_wait_and_as_completed",
    ),
    "outcome raised": Misconception(
        "whatever is done has a result",
        "`result()`, and awaiting, raise what a task has failed with, and a `CancelledError` if it "
        "was cancelled; then `exception()` raises that, too. `cancelled()` is the first question.",
        "07_wait_and_as_completed",
    ),
    "nothing to wait for": Misconception(
        "to wait for nobody is over at once",
        "A gather of nothing gives an empty list; `wait` with an empty set is a ValueError. Ask "
        "whether anybody is left before you wait: `while pending`, or `if pending`.",
        "07_wait_and_as_completed",
    ),
    "coroutines in wait": Misconception(
        "wait takes whatever can be awaited",
        "`wait` watches tasks, and gives back the tasks that you have made. A coroutine has to be "
        "made a task first, with `create_task`.",
        "07_wait_and_as_completed",
    ),
    "done stays done": Misconception(
        "wait waits for news",
        "A task that is done stays done. A `wait` that is given one again comes back at once; go "
        "on with `pending`, which holds those that are not.",
        "07_wait_and_as_completed",
    ),
    "other exception": Misconception(
        "any exception will do",
        "Which exception a function raises is part of its contract: whoever catches it goes by its "
        "class.",
        "02_gather",
    ),
    "failure not noticed": Misconception(
        "time alone tells when to go on",
        "A failure is known when it happens, and then there is nothing left to wait for. A `wait` "
        "can end at a time limit or at a task, whichever comes first.",
        "07_wait_and_as_completed",
    ),
    "asked too soon": Misconception(
        "one more call costs nothing",
        "Whoever is called has work to do. When the next call may begin is part of the contract.",
        "07_wait_and_as_completed",
    ),
    "late is lost": Misconception(
        "who is late will not come any more",
        "A time limit around a call ends the call. `wait` with a timeout ends the waiting only, "
        "and the call can still be the first to answer.",
        "07_wait_and_as_completed",
    ),
    "left at the failure": Misconception(
        "a failure ends the block at once",
        "At the failure the group asks the others to stop. The block ends when they have "
        "stopped, and cleaning up takes its time.",
        "09_task_groups",
    ),
    "group entered again": Misconception(
        "to use a group is to open it",
        "A group is opened once, by whoever waits for its end. Whoever is given it while it is "
        "open makes tasks in it, with its `create_task`.",
        "09_task_groups",
    ),
    "group like gather": Misconception(
        "in a group everybody runs on, as in a gather",
        "A failure of one task cancels its siblings: what they would still have needed does not "
        "count.",
        "09_task_groups",
    ),
    "not of the group": Misconception(
        "a task belongs to the block in which it is made",
        "`asyncio.create_task` asks no group, wherever the line stands. A group stops, and waits "
        "for, the tasks that its own `create_task` has made.",
        "09_task_groups",
    ),
    "done is stopped": Misconception(
        "a failure stops everybody",
        "Only who is still under way can be stopped. A task that is done keeps its result, and "
        "has nothing to clean up.",
        "09_task_groups",
    ),
    "group not opened": Misconception(
        "a group is caught like a single exception",
        "What leaves a task group is an `ExceptionGroup`, even around a single failure. `except` "
        "goes by the class of the group; `except*` looks inside, and lets out what it does not "
        "name.",
        "09_task_groups",
    ),
    "caught in the task": Misconception(
        "the group knows of every failure",
        "A group hears only of an exception that leaves one of its tasks. What is caught inside "
        "of the task stops nobody.",
        "09_task_groups",
    ),
    "enough is not the end": Misconception(
        "whoever has enough may leave the block",
        "The end of the block waits for all of its tasks. Only an exception that leaves a task or "
        "the block itself stops them.",
        "09_task_groups",
    ),
    "one reader at a time": Misconception(
        "a server answers one reader after the other",
        "Each request has a task of its own, so requests overlap as any tasks do. Only what they "
        "share, such as a pool, makes them wait for each other.",
        "10_fastapi",
    ),
    "pool for each": Misconception(
        "every request has a pool of its own",
        "A pool belongs to the site. All requests that are under way borrow from the same few "
        "connections.",
        "10_fastapi",
    ),
    "shared session": Misconception(
        "one session is enough for a request",
        "A session, as a connection, is for one task at a time. What runs side by side opens a "
        "session each.",
        "10_fastapi",
    ),
    "session left open": Misconception(
        "a session closes itself",
        "A session keeps its connection until it is closed, and the pool has only so many. "
        "`async with` closes it in every case.",
        "10_fastapi",
    ),
    "answer waits": Misconception(
        "the work belongs to the answer",
        "Whatever a handler awaits, its reader waits for as well. Work that the answer does not "
        "need is given to somebody who outlives the request.",
        "10_fastapi",
    ),
    "job breaks the group": Misconception(
        "a job that fails concerns nobody else",
        "A group hears of every exception that leaves one of its tasks, and stops all the others. "
        "A failure that is of no interest is caught in the task.",
        "09_task_groups",
    ),
    "reader gone": Misconception(
        "the handler stops when the reader leaves",
        "Nobody cancels a handler whose reader has left. It only learns of it if it asks, and "
        "then it has to stop its own work.",
        "10_fastapi",
    ),
    "reader still there": Misconception(
        "a look is a reason to stop",
        "`await request.is_disconnected()` is true once the reader has left, and false before. As "
        "long as the reader is there, the work goes on.",
        "10_fastapi",
    ),
    "watcher outlives the work": Misconception(
        "whoever looks on is no work",
        "A group, a gather and a `wait` for all wait for each of their tasks, also for one that "
        "only watches. When the work is done, somebody has to stop it.",
        "09_task_groups",
    ),
    "noticed late": Misconception(
        "to look now and then is as good as being told",
        "Whoever sleeps between two looks notices late. `asyncio.wait` returns when the first of "
        "its tasks is done.",
        "07_wait_and_as_completed",
    ),
    "check then act": Misconception(
        "what I have seen is still so",
        "Between looking and acting is an `await`, and there others look as well. A lock held "
        "across both keeps them apart, if all of them use the same one.",
        "08_common_mistakes",
    ),
    "no backpressure": Misconception(
        "a queue slows down whoever fills it",
        "A queue without `maxsize` takes everything at once. With one, `await put()` waits until "
        "there is room, and whoever brings becomes as slow as whoever takes.",
        "08_common_mistakes",
    ),
    "put without waiting": Misconception(
        "put_nowait waits for room",
        "`put_nowait` and `get_nowait` never wait: a full queue, or an empty one, is an exception. "
        "`await` with `put` and `get` is what waits.",
        "08_common_mistakes",
    ),
    "comes back together": Misconception(
        "a pause is enough to spread them out",
        "Whoever was refused together and waits for the same time comes back together, however "
        "long that is. Only a random time for each spreads them out.",
        "08_common_mistakes",
    ),
    "comes back at once": Misconception(
        "the sooner I try again, the sooner I am served",
        "Whoever has refused you is busy. To try again at once keeps it busy; a pause gives it "
        "time.",
        "08_common_mistakes",
    ),
    "waits too long": Misconception(
        "a random part on top of the pause is jitter",
        "Full jitter draws the whole pause, from nothing to the longest. The longest after the "
        "first refusal is the pause itself, and then it doubles.",
        "08_common_mistakes",
    ),
    "other dice": Misconception(
        "any random number is as good",
        "Dice that are handed in make a run repeatable: with the same seed come the same pauses. "
        "That holds if every pause is drawn from them, and used as it was drawn.",
        "08_common_mistakes",
    ),
    "never waits longer": Misconception(
        "the third pause is much like the first",
        "Who is refused again meets somebody in trouble. With each refusal the longest pause "
        "doubles, so that all together ask less and less.",
        "08_common_mistakes",
    ),
    "pause for nothing": Misconception(
        "after each try comes a pause",
        "A pause is for the sake of the next try. After the last one there is none.",
        "08_common_mistakes",
    ),
    "deadlock": Misconception(
        "somebody will wake me",
        "Every task waits for another one, or for a permit that nobody gives back, and no timer "
        "is set: nothing can ever happen again.",
        "08_common_mistakes",
    ),
    "busy loop": Misconception(
        "asking again and again is waiting",
        "A loop that never waits for anything keeps the event loop turning and lets no time pass.",
        "08_common_mistakes",
    ),
    "endless": Misconception(
        "it will end some day",
        "A loop that goes on until it succeeds never ends where nothing succeeds. One without an "
        "`await` cannot even be stopped, and nobody else can run meanwhile.",
        "08_common_mistakes",
    ),
    "pauses forgotten": Misconception(
        "between two tries no time passes",
        "Whoever asks again waits first, and holds on to a place meanwhile. The pauses add up like "
        "the tries.",
        "11_capstone",
    ),
    "pauses alike": Misconception(
        "a pause is a pause",
        "With backoff each pause is twice as long as the one before. The last one is longer than "
        "all before it together.",
        "11_capstone",
    ),
    "pause after the last": Misconception(
        "a pause belongs to each try",
        "A pause is made for the try that comes after it. After the last there is none to wait "
        "for.",
        "11_capstone",
    ),
    "one limit for all tries": Misconception(
        "a time limit around the loop is one for each try",
        "A limit that stands around several tries is used up by the first of them, and by the "
        "pauses. A limit for each stands inside the loop, around the request alone.",
        "11_capstone",
    ),
    "no second try": Misconception(
        "a failure is final",
        "A refusal, an error of the server or a lost connection may be over in a moment. Only the "
        "last try decides.",
        "11_capstone",
    ),
    "repetitions counted": Misconception(
        "the first request is no try",
        "The first request counts as well: three tries are one request, and two repetitions if it "
        "fails.",
        "08_common_mistakes",
    ),
    "retried in vain": Misconception(
        "whatever fails may succeed the next time",
        "Some failures are answers: what does not exist will not exist the next time either. Look "
        "at the failure before you ask again.",
        "11_capstone",
    ),
    "no backoff": Misconception(
        "the sooner I ask again, the better",
        "Whoever could not answer a moment ago needs time. A pause that grows with each failure "
        "gives it, and asking again at once takes more of it away.",
        "11_capstone",
    ),
    "told in vain": Misconception(
        "a refusal only says no",
        "`Retry-After` says when to come back. Who comes sooner is refused again, who comes later "
        "has waited for nothing.",
        "11_capstone",
    ),
    "no jitter": Misconception(
        "my pause concerns only me",
        "All who failed together wait equally long, and come back together. A random part in the "
        "pause is what spreads them.",
        "11_capstone",
    ),
    "error page": Misconception(
        "an answer is a success",
        "`httpx` raises nothing when a service answers with an error. Only the status tells a "
        "report from an error page: look at it, or let `raise_for_status` do so.",
        "11_capstone",
    ),
    "lost with the stop": Misconception(
        "what I have is safe until I return it",
        "Whoever is asked to stop returns nothing. What has come outlives that only in something "
        "that others hold, or if a `finally` hands it on.",
        "11_capstone",
    ),
    "raised": Misconception(
        "an exception that was not meant to leave",
        "An exception that nobody catches ends the coroutine at that line.",
        "02_gather",
    ),
    "unknown name": Misconception(
        "a name is known everywhere",
        "A name is known where it was given: in a cell that has been run, above in the same "
        "function, or behind its module, as in `asyncio.CancelledError`.",
        "01_sequential_vs_concurrent",
    ),
    "threads": Misconception(
        "waiting needs threads",
        "One event loop lets any number of calls wait side by side. A thread with a loop of its "
        "own shares nothing with it.",
        "01_sequential_vs_concurrent",
    ),
    "wrong result": Misconception(
        "a result of about this kind will do",
        "When it ends is one half of the contract, what it returns is the other: its kind, its "
        "keys, its order and its values. Compare the two lines above from the left.",
        "01_sequential_vs_concurrent",
    ),
    "called too often": Misconception(
        "asking twice is harmless",
        "Each call costs time and a place in the queue of the service. Keep the first answer.",
        "02_gather",
    ),
    "asked too little": Misconception(
        "what is not called is asked all the same",
        "Only what you call is asked, and only what you await is answered. Calls count that go "
        "through the arguments of your function.",
        "01_sequential_vs_concurrent",
    ),
    "asked elsewhere": Misconception(
        "the service knows what I mean",
        "A service is asked for what stands there, letter by letter. See what your values have "
        "made of it, and which value belongs there.",
        "01_sequential_vs_concurrent",
    ),
    "every line": Misconception(
        "what is there is needed",
        "One of the lines leads astray: another one does the same in the right way, or nobody has "
        "to do it. Look for two lines that are much alike.",
        "01_sequential_vs_concurrent",
    ),
    "misplaced": Misconception(
        "any order will do",
        "Python reads a function from its `async def` line down, and indentation says what "
        "belongs to what.",
        "01_sequential_vs_concurrent",
    ),
    "signature": Misconception(
        "the check can guess the arguments",
        "The function is called with the arguments of its contract, in their order.",
        "01_sequential_vs_concurrent",
    ),
}
