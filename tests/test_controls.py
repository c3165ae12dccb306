"""Explore: controls read the function's parameters, each move is one real run."""

import asyncio
import functools
import gc
import re
import threading

import ipywidgets
import pytest

from asynclab import controls
from asynclab.controls import explore


async def download(calls, limit=5, delay=0.3, shared=True, order="given", note=None):
    semaphore = asyncio.Semaphore(limit)

    async def fetch(number):
        async with semaphore if shared else asyncio.Semaphore(limit):
            await asyncio.sleep(delay)
            print(f"<{number}>")

    await asyncio.gather(*(fetch(number) for number in range(calls)))


def move(explorer, **values):
    """What a browser does when controls are moved."""
    explorer._panel.values = {**explorer._panel.values, **values}


def start(explorer):
    return explorer._panel.values


HAS = "its parameters are: calls, limit, delay, shared, order, note"
USE = (
    "use (lowest, highest) or (lowest, highest, step) for a slider, "
    "a list for a choice, True or False for a checkbox"
)

# -- what is refused, and in which words ---------------------------------------------------


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"calls": (1, 9), "dely": (0, 1)}, f"download() has no parameter 'dely'; {HAS}"),
        ({"limit": (1, 5)}, "download() also needs calls: give a control, or a default value"),
        ({}, f"give at least one control for download(); {HAS}"),
        ({"calls": (9, 1)}, "calls=(9, 1): the range is empty, its lowest value comes first"),
        ({"calls": (3, 3)}, "calls=(3, 3): the range is empty, its lowest value comes first"),
        ({"calls": (1, 9, 0)}, "calls=(1, 9, 0): the step is 0, it has to be above 0"),
        ({"calls": (1, 9, -2)}, "calls=(1, 9, -2): the step is -2, it has to be above 0"),
        ({"calls": []}, "calls=[]: a list needs at least one choice"),
        ({"calls": 7}, f"calls=7: {USE}"),
        ({"calls": (1, float("inf"))}, f"calls=(1, inf): {USE}"),
        ({"calls": [1], "limit": "permits"}, f"download() has no parameter 'permits'; {HAS}"),
    ],
)
def test_a_control_that_cannot_work_is_refused(given, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        explore(download, **given)


def test_a_unit_for_no_parameter_is_refused():
    with pytest.raises(ValueError, match="no parameter 'pages'"):
        explore(download, calls=(1, 9), units={"pages": "s"})


def test_a_function_without_parameters_is_refused():
    async def main():
        pass

    with pytest.raises(ValueError, match=r"^main\(\) has no parameter 'n'; it has no parameters$"):
        explore(main, n=(1, 2))


def test_a_plain_function_is_refused():
    with pytest.raises(TypeError, match="takes a coroutine function; move is not defined with"):
        explore(move, values=(1, 2))


def test_a_coroutine_is_refused_and_leaves_no_warning():
    words = "pass the function itself: explore(download, ...), not explore(download(), ...)"
    with pytest.raises(TypeError, match=f"^{re.escape(words)}$"):
        explore(download(3), calls=(1, 9))


# -- where controls start ------------------------------------------------------------------


def test_a_control_starts_at_the_default_of_its_parameter():
    explorer = explore(
        download, calls=[3, 8], limit=(1, 9), delay=(0.1, 1.0), order=["shuffled", "given"]
    )
    assert start(explorer) == {"calls": 0, "limit": 5, "delay": 0.3, "order": 1}


def test_a_slider_whose_default_is_not_in_its_range_starts_in_the_middle():
    explorer = explore(download, calls=(0, 10), limit=(10, 20), delay=(1.0, 2.0))
    assert start(explorer) == {"calls": 5, "limit": 15, "delay": 1.5}


def test_a_checkbox_starts_as_it_is_given():
    assert start(explore(download, calls=[1], shared=False))["shared"] is False


@pytest.mark.parametrize(
    ("low", "high", "step"),
    [
        (1, 100, 1),
        (0.1, 2.0, 0.1),
        (0.0, 1.0, 0.1),
        (0.15, 2.0, 0.01),
        (0, 0.5, 0.01),
        (1.0, 50, 1.0),
    ],
)
def test_a_slider_has_a_step_that_meets_both_ends(low, high, step):
    [control] = explore(download, calls=[1], delay=(low, high))._panel.controls[1:]
    assert control["step"] == step


def test_times_are_in_seconds_and_units_can_be_given():
    explorer = explore(download, calls=(1, 9), delay=(0.1, 1.0), units={"calls": "calls"})
    assert [c["unit"] for c in explorer._panel.controls] == ["calls", "s"]


# -- moves ---------------------------------------------------------------------------------


def test_a_move_runs_the_function_again():
    explorer = explore(download, calls=(1, 30), limit=(1, 30), delay=(0.1, 2.0))
    move(explorer, calls=20, delay=0.5)
    assert explorer.run.elapsed == 2.0
    move(explorer, limit=20)
    assert explorer.run.elapsed == 0.5


def test_the_picture_and_the_code_follow_a_move():
    explorer = explore(download, calls=(1, 30), delay=(0.1, 2.0))
    timeline = explorer._timeline
    move(explorer, calls=10, delay=1)  # a browser sends 1.0 as 1
    assert explorer.code == explorer._panel.code == "download(calls=10, delay=1.0)"
    assert explorer._timeline is timeline
    assert [d["end"] for d in timeline.drawings] == [2.0]
    assert explorer._panel.shown == {"calls": 10, "delay": 1}


def test_numbers_from_the_browser_are_on_their_step():
    explorer = explore(download, calls=(1, 30), delay=(0.1, 2.0))
    move(explorer, delay=0.30000000000000004)
    assert explorer.code == "download(calls=15, delay=0.3)"


def test_a_choice_and_a_checkbox_reach_the_function():
    explorer = explore(download, calls=[4, 12], limit=(1, 9), shared=True, note=[None, "x"])
    move(explorer, calls=1, shared=False, note=1)
    assert explorer.code == "download(calls=12, limit=5, shared=False, note='x')"
    assert explorer.run.trace.peak() == 12


def test_functions_are_choices_by_their_names():
    async def call(how):
        await how()

    async def fast():
        pass

    async def slow():
        await asyncio.sleep(1)

    explorer = explore(call, how=[fast, slow])
    assert explorer._panel.controls[0]["choices"] == ["fast", "slow"]
    move(explorer, how=1)
    assert (explorer.code, explorer.run.elapsed) == ("call(how=slow)", 1.0)


def test_a_partial_has_the_name_and_parameters_of_its_function():
    explorer = explore(functools.partial(download, calls=3), delay=(0.1, 1.0))
    assert explorer.code == "download(delay=0.3)"


@pytest.mark.parametrize(("named", "limit"), [({}, 5), ({"limit": "calls"}, 9)])
def test_the_limit_is_drawn(named, limit):
    given = {"calls": [9], "limit": (1, 9)} | named
    explorer = explore(download, **given)
    assert explorer._timeline.drawings[0]["limit"] == limit


def test_a_message_that_was_overtaken_runs_nothing():
    explorer = explore(download, calls=(1, 30))
    move(explorer, calls=20)
    done = explorer.run
    explorer._show_newest()
    assert explorer.run is done


def test_the_garbage_collector_goes_on_after_a_move():
    seen = []

    async def main(n=1):
        seen.append(gc.isenabled())
        if n > 1:
            raise KeyboardInterrupt

    explorer = explore(main, n=(1, 2))
    with pytest.raises(KeyboardInterrupt):
        move(explorer, n=2)
    assert seen == [False, False]
    assert gc.isenabled()


def test_two_explorers_are_independent():
    one, other = explore(download, calls=(1, 30)), explore(download, calls=(1, 30))
    move(one, calls=30)
    assert (one.run.elapsed, other.run.elapsed) == (1.8, 0.9)


def test_an_explorer_works_while_a_loop_runs_and_leaves_no_task():
    async def cell():
        explorer = explore(download, calls=(1, 30))
        move(explorer, calls=10)
        return explorer.run.elapsed, len(asyncio.all_tasks())

    assert asyncio.run(cell()) == (0.6, 1)


def test_moves_from_several_threads_end_at_the_newest_values():
    explorer = explore(download, calls=(1, 30))
    threads = [
        threading.Thread(target=move, args=[explorer], kwargs={"calls": n}) for n in range(1, 9)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    newest = explorer._panel.values
    assert explorer._panel.shown == newest
    assert explorer.code == f"download(calls={newest['calls']})"


# -- what the run leaves behind ------------------------------------------------------------


def test_printed_text_stands_under_the_picture_and_is_escaped():
    explorer = explore(download, calls=[2])
    assert "&lt;0&gt;\n&lt;1&gt;</pre>" in explorer._output.value
    assert "<0>" not in explorer._output.value


def test_printing_in_a_move_prints_nothing_in_the_notebook(capsys):
    move(explore(download, calls=[2, 3]), calls=1)
    assert capsys.readouterr().out == ""


def test_very_long_output_is_capped():
    async def chatty(lines):
        for _ in range(lines):
            print("x" * 600)

    explorer = explore(chatty, lines=[300])
    assert "... and 100 more lines" in explorer._output.value
    assert len(explorer._output.value) < 101_000


def test_an_exception_is_part_of_the_story():
    async def load(fails=True):
        await asyncio.sleep(0.2)
        if fails:
            raise ConnectionError("the <server> is down")

    explorer = explore(load, fails=True)
    assert (
        "The run raised: <b>ConnectionError</b>: the &lt;server&gt; is down"
        in explorer._output.value
    )
    assert explorer._timeline.drawings[0]["end"] == 0.2
    move(explorer, fails=False)
    assert explorer._output.value == ""


def test_a_deadlock_is_told_in_the_words_of_the_clock():
    async def stuck(n=1):
        event = asyncio.Event()
        await asyncio.gather(*(event.wait() for _ in range(n)))

    explorer = explore(stuck, n=(1, 5))
    assert "The run was stopped: <b>Deadlock</b>: " in explorer._output.value
    assert "waits for" in explorer._output.value
    assert len(explorer._timeline.drawings[0]["tasks"]) == 2


def test_an_endless_computation_is_stopped(monkeypatch):
    monkeypatch.setattr(controls, "REAL_LIMIT", 0.2)

    async def endless(n=1):
        while n:
            pass

    explorer = explore(endless, n=[0, 1])
    assert "<b>TimeLimit</b>" in explorer._output.value
    assert "A move may take 0.2 s of real time" in explorer._output.value
    move(explorer, n=0)
    assert explorer.run.exception is None


def test_a_warning_of_the_run_is_shown():
    async def forgetful(n=1):
        asyncio.sleep(n)

    assert "never awaited: sleep()" in explore(forgetful, n=[1])._output.value


# -- forms and life ------------------------------------------------------------------------


def test_the_text_names_the_call_and_holds_no_model_id():
    explorer = explore(download, calls=[2], title="Two pages")
    bundle, _ = explorer._repr_mimebundle_()
    lines = bundle["text/plain"].splitlines()
    assert lines[:4] == [
        "download(calls=2)",
        "",
        "Two pages",
        "3 tasks in 0.30 s: all finished; at most 2 in flight.",
    ]
    assert (
        bundle["text/plain"]
        == str(explorer)
        == str(explore(download, calls=[2], title="Two pages"))
    )
    assert explorer.model_id not in bundle["text/plain"]


def test_the_bundle_has_the_view_and_an_image():
    pytest.importorskip("resvg_py")
    bundle, metadata = explore(download, calls=[2])._repr_mimebundle_()
    assert bundle["image/png"].startswith("iVBORw0KGgo")
    assert list(metadata) == ["image/png"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_closing_an_explorer_closes_all_its_widgets():
    from ipywidgets.widgets.widget import _instances

    before = set(_instances)
    explore(download, calls=[2], limit=(1, 3)).close()
    assert set(_instances) == before


def test_every_part_is_a_widget_of_the_stack():
    explorer = explore(download, calls=[2])
    assert explorer.children == (explorer._panel, explorer._timeline, explorer._output)
    assert all(isinstance(part, ipywidgets.DOMWidget) for part in explorer.children)
