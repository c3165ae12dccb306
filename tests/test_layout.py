"""Facts of a drawing: what the picture of a run says, before anything is drawn."""

import asyncio
import json
import time
from itertools import pairwise

import pytest

import asynclab as lab
from asynclab.picture import drawing
from asynclab.picture.words import comparison, seconds
from asynclab.trace import Line, Slice, TaskRecord, Trace, Wait


def drawn(main, **options):
    return drawing(lab.run(main).trace, **options)


def task(data, label):
    (found,) = [t for t in data["tasks"] if t["label"] == label]
    return found


async def call(delay, fails=False):
    await asyncio.sleep(delay)
    if fails:
        raise ValueError("no such user")
    return delay


# -- times and words -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("t", "words"),
    [
        (0.0, "0 s"),
        (0.05, "50 ms"),
        (0.0125, "12.5 ms"),
        (0.3, "0.30 s"),
        (0.1 + 0.2, "0.30 s"),
        (1.0, "1.00 s"),
        (1.125, "1.125 s"),
        (12.5, "12.5 s"),
        (60.0, "60.0 s"),
        (0.300817, "0.30 s"),
        (0.0517321, "52 ms"),
        (0.0999, "0.10 s"),
        (12.345678, "12.3 s"),
    ],
)
def test_a_time_has_the_digits_that_it_needs(t, words):
    assert seconds(t) == words


def test_summary_tells_tasks_time_outcomes_and_flight():
    async def main():
        semaphore = asyncio.Semaphore(3)

        async def bounded(delay):
            async with semaphore:
                await call(delay)

        await asyncio.gather(*(bounded(0.5) for _ in range(6)))

    summary = drawn(main, limit=3)["summary"]
    assert summary == "7 tasks in 1.00 s: all finished; at most 3 in flight (limit 3)."


def test_summary_tells_what_went_wrong():
    async def main():
        task = asyncio.create_task(call(5), name="forgotten")
        call(1)
        await asyncio.gather(call(0.1, fails=True), return_exceptions=True)
        assert not task.done()

    summary = drawn(main)["summary"]
    assert summary.startswith(
        "3 tasks in 0.10 s: 1 finished, 1 raised, 1 still waiting at the end; "
        "at most 2 in flight; never awaited: call"
    )


def test_a_comparison_names_the_faster_run():
    async def sequential():
        for _ in range(3):
            await call(0.1)

    async def concurrent():
        await asyncio.gather(*(call(0.1) for _ in range(3)))

    slow, fast = drawn(sequential, title="sequential"), drawn(concurrent, title="concurrent")
    assert comparison([slow, fast]) == "concurrent: 3.0x faster (0.10 s instead of 0.30 s)"
    assert comparison([slow, slow]) == "the same time: both take 0.30 s"
    assert comparison([slow]) == ""


def test_a_program_that_fails_early_is_not_a_faster_one():
    async def fails():
        await call(0.1, fails=True)

    async def works():
        await call(1)

    assert comparison([drawn(fails), drawn(works)]) == ""


def test_a_program_that_awaits_nothing_is_not_a_faster_one():
    async def forgets():
        call(1)

    async def works():
        await call(1)

    assert comparison([drawn(forgets), drawn(works)]) == ""


def test_a_program_over_its_limit_is_not_a_faster_one():
    async def unlimited():
        await asyncio.gather(*(call(1) for _ in range(4)))

    async def one_by_one():
        for _ in range(4):
            await call(1)

    panels = [drawn(unlimited, title="unlimited", limit=2), drawn(one_by_one, limit=2)]
    assert comparison(panels) == "unlimited: 4 in flight, over the limit of 2"


# -- shape ---------------------------------------------------------------------------------


def test_a_drawing_survives_json():
    async def main():
        await asyncio.gather(call(0.1), call(0.2, fails=True), return_exceptions=True)

    data = drawn(main, title="mixed", limit=2)
    assert json.loads(json.dumps(data)) == data


def test_spans_leave_no_gap():
    async def main():
        lock = asyncio.Lock()

        async def one(delay):
            async with lock:
                await call(delay)

        await asyncio.gather(one(0.1), one(0.2), one(0.3))

    for life in drawn(main)["tasks"]:
        spans = life["spans"]
        assert [spans[0][1], spans[-1][2]] == [life["created"], life["ended"]]
        assert [spans[0][3], spans[-1][4]] == [life["created_step"], life["ended_step"]]
        for before, after in pairwise(spans):
            assert (before[2], before[4]) == (after[1], after[3])


def test_a_drawing_of_an_empty_trace_has_no_tasks():
    data = drawing(Trace("virtual"))
    assert (data["tasks"], data["flight"], data["end"]) == ([], None, 0)


# -- in flight -----------------------------------------------------------------------------


def test_timers_count_as_in_flight_when_they_overlap():
    async def main():
        await asyncio.gather(call(0.1), call(0.3))

    flight = drawn(main)["flight"]
    assert flight == {"kind": "sleep", "peak": 2, "points": [[0, 2], [0.1, 1], [0.3, 0]]}


def test_a_single_timer_needs_a_limit_to_count():
    async def main():
        await call(0.1)

    assert drawn(main)["flight"] is None
    assert drawn(main, limit=3)["flight"]["peak"] == 1


def test_http_counts_before_timers():
    waits = [Wait("http", "GET /users/1"), Wait("sleep")]
    turns = [Slice(t, t, t, step) for step, t in enumerate((0.0, 1.0, 3.0))]
    main = TaskRecord(0, "main", "main", None, 0.0, 0, Line(), turns, waits)
    main.outcome, main.ended = "finished", 3.0
    data = drawing(Trace("virtual", 3.0, 3, [main]))
    assert data["flight"] == {"kind": "http", "peak": 1, "points": [[0, 1], [1, 0]]}
    assert [span[0] for span in data["tasks"][0]["spans"]] == [
        *("ready", "running", "io", "running", "sleep", "running")
    ]
    assert data["tasks"][0]["spans"][2][5] == "GET /users/1"


# -- exceptions ----------------------------------------------------------------------------


def test_gather_hands_over_the_first_exception_only():
    async def main():
        with pytest.raises(ValueError, match="no such user"):
            await asyncio.gather(call(0.1, fails=True), call(0.2, fails=True), call(0.3))
        await call(0.5)

    data = drawn(main)
    assert [t["received_by"] for t in data["tasks"]] == [-1, 0, -1, -1]
    assert data["tasks"][1]["ending"].endswith("at 0.10 s; main received it")
    assert data["tasks"][2]["ending"].endswith("at 0.20 s; nobody was waiting for it then")


def test_gather_with_return_exceptions_keeps_them():
    async def main():
        pairs = [call(0.1, fails=True), call(0.2, fails=True), call(0.3)]
        await asyncio.gather(*pairs, return_exceptions=True)

    data = drawn(main)
    assert [t["received_by"] for t in data["tasks"]] == [-1, -1, -1, -1]
    kept = "raised ValueError: no such user at 0.20 s; gather kept it as a result for main"
    assert data["tasks"][2]["ending"] == kept


def test_awaiting_a_task_receives_its_exception():
    async def main():
        failing = asyncio.create_task(call(0.1, fails=True), name="failing")
        await failing

    data = drawn(main)
    assert task(data, "failing")["received_by"] == 0
    assert task(data, "main")["outcome"] == "raised"
    assert task(data, "main")["received_by"] == -1


def test_a_task_group_receives_the_failure_and_cancels_the_others():
    async def main():
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(call(0.1, fails=True), name="failing")
                group.create_task(call(1), name="sibling")
        except* ValueError:
            await asyncio.sleep(0.1)

    data = drawn(main)
    assert task(data, "failing")["received_by"] == 0
    sibling = task(data, "sibling")
    assert sibling["cancels"] == [[0.1, "TaskGroup, after failing failed", True]]
    assert sibling["ending"] == "was cancelled at 0.10 s by TaskGroup, after failing failed"
    assert "cancel" not in task(data, "main")["story"]


def test_an_exception_that_nobody_looked_at():
    async def main():
        task = asyncio.create_task(call(0.1, fails=True), name="ignored")
        await asyncio.sleep(0.2)
        assert task.done()

    ending = task(drawn(main), "ignored")["ending"]
    assert ending == "raised ValueError: no such user at 0.10 s; nobody looked at it"


# -- stories -------------------------------------------------------------------------------


def first_line(function):
    return function.__code__.co_firstlineno


def test_a_story_tells_each_wait_with_its_line():
    async def main():
        semaphore = asyncio.Semaphore(1)

        async def fetch(n):
            async with semaphore:
                await asyncio.sleep(n / 10)

        await asyncio.gather(fetch(3), fetch(2))

    top = first_line(main)
    whole, first, second = (t["story"] for t in drawn(main)["tasks"])
    assert whole == (
        f"main started at 0 s, waited 0.50 s for 2 tasks (gather, line {top + 7}) "
        "and finished at 0.50 s."
    )
    assert first == (
        f"fetch(3) started at 0 s, slept 0.30 s (line {top + 5}) and finished at 0.30 s."
    )
    assert second == (
        f"fetch(2) started at 0 s, queued 0.30 s for a permit (line {top + 4}), "
        f"slept 0.20 s (line {top + 5}) and finished at 0.50 s."
    )


def test_the_same_wait_again_is_one_clause():
    async def main():
        for _ in range(4):
            await asyncio.sleep(0.25)

    line = first_line(main) + 2
    (life,) = drawn(main)["tasks"]
    expected = f"started at 0 s, slept 4 times, 1.00 s in all (line {line}) and finished at 1.00 s."
    assert life["story"] == f"main {expected}"


def test_different_requests_at_one_place_are_one_clause():
    paths = ("GET /users/1", "GET /users/2", "GET /users/2")
    waits = [Wait("http", path, Line("main", 4)) for path in paths]
    turns = [Slice(t, t, t, step) for step, t in enumerate((0.0, 0.1, 0.2, 0.3))]
    main = TaskRecord(0, "main", "main", None, 0.0, 0, Line(), turns, waits)
    main.outcome, main.ended = "finished", 0.3
    (life,) = drawing(Trace("virtual", 0.3, 4, [main]))["tasks"]
    assert "waited 0.30 s for 3 answers (line 4)" in life["story"]


def test_cancelled_before_the_first_step():
    async def main():
        never = asyncio.create_task(call(1), name="never")
        never.cancel()
        await asyncio.wait([never])

    assert task(drawn(main), "never")["story"] == (
        "never, created at 0 s, was cancelled at 0 s by main before its first step: "
        "its body never ran."
    )


def test_cancelled_later_than_asked_and_not_at_all():
    async def main():
        async def slow():
            try:
                await asyncio.sleep(1)
            finally:
                await asyncio.sleep(0.5)

        async def stubborn():
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                await asyncio.sleep(0.5)

        tasks = [asyncio.create_task(f(), name=f.__name__) for f in (slow, stubborn)]
        await asyncio.sleep(0.2)
        for one in tasks:
            one.cancel()
        await asyncio.wait(tasks)

    data = drawn(main)
    assert task(data, "slow")["ending"] == "ended cancelled at 0.70 s, asked at 0.20 s by main"
    went_on = "finished at 0.70 s, after a request to cancel at 0.20 s by main"
    assert task(data, "stubborn")["ending"] == went_on


def test_a_leaked_task_says_what_it_waited_for():
    async def main():
        task = asyncio.create_task(call(5), name="background")
        await asyncio.sleep(0.1)
        assert not task.done()

    line = first_line(call) + 1
    assert task(drawn(main), "background")["ending"] == (
        f"was still sleeping (line {line}) when main ended: asyncio.run cancels it"
    )


def test_a_deadlock_says_who_waited_for_what():
    async def main():
        first, second = asyncio.Lock(), asyncio.Lock()

        async def take(a, b):
            async with a:
                await asyncio.sleep(0.1)
                async with b:
                    pass

        await asyncio.gather(take(first, second), take(second, first))

    run = lab.run(main)
    data = drawing(run.trace, stopped=type(run.exception).__name__)
    line = first_line(main) + 6
    assert data["tasks"][1]["ending"] == (
        f"was still waiting for a lock (line {line}) when the run was stopped"
    )
    assert data["summary"].endswith("; stopped by Deadlock.")


# -- a blocked loop ------------------------------------------------------------------------


def test_a_blocked_loop_names_its_line_and_the_harm_to_each_task():
    async def main():
        async def poll(delay):
            await asyncio.sleep(delay)

        async def rude():
            await asyncio.sleep(0.1)
            time.sleep(2)

        early = asyncio.create_task(poll(0.05), name="early")
        late = asyncio.create_task(poll(0.2), name="late")
        await asyncio.gather(early, late, asyncio.create_task(rude(), name="rude"))

    line = first_line(main) + 6
    data = drawn(main)
    (blocked,) = data["blocked"]
    late = data["tasks"].index(task(data, "late"))
    rude = data["tasks"].index(task(data, "rude"))
    assert (blocked["start"], blocked["end"], blocked["task"]) == (0.1, 2.1, rude)
    assert (blocked["by"], blocked["line"], blocked["harm"]) == ("rude", line, [[late, 1.9]])
    held = f"held the loop for 2.00 s (line {line}; 1 task late by up to 1.90 s)"
    assert held in task(data, "rude")["story"]
    assert "waited 1.90 s for its turn" in task(data, "late")["story"]


# -- size ----------------------------------------------------------------------------------


def test_a_thousand_tasks_take_a_moment():
    async def main():
        semaphore = asyncio.Semaphore(50)

        async def one(n):
            async with semaphore:
                await asyncio.sleep(0.1 + n % 7 / 100)

        await asyncio.gather(*(one(n) for n in range(1000)))

    trace = lab.run(main).trace
    started = time.process_time()
    data = drawing(trace)
    assert len(data["tasks"]) == 1001
    assert time.process_time() - started < 1  # it takes 0.03 s on a small machine


def test_a_trace_without_details_is_drawn_too():
    async def main():
        await asyncio.gather(*(call(0.1) for _ in range(3500)))

    data = drawn(main)
    assert data["flight"] is None
    assert data["tasks"][1]["story"].endswith("and finished at 0.10 s.")
