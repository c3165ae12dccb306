"""What a run prints, and what Python complains of meanwhile, belongs to that run."""

import asyncio
import contextlib
import gc
import io
import logging
import sys
import threading
import warnings

import needs
import pytest

from asynclab.capture import PRINT_LIMIT, collect
from asynclab.runner import run


def test_printed_text_is_kept_and_shown(capsys):
    with collect() as outputs:
        print("one")
        sys.stdout.writelines(["two\n", "three\n"])
    assert outputs.printed == "one\ntwo\nthree\n"
    assert capsys.readouterr().out == "one\ntwo\nthree\n"


def test_without_echo_it_is_only_kept(capsys):
    with collect(echo=False) as outputs:
        assert sys.stdout.write("quiet") == 5
    assert outputs.printed == "quiet"
    assert capsys.readouterr().out == ""


def test_stdout_is_put_back_also_after_an_error():
    before = sys.stdout
    with contextlib.suppress(ZeroDivisionError), collect():
        assert sys.stdout is not before
        assert sys.stdout.encoding == before.encoding
        1 / 0  # noqa: B018 - it fails
    assert sys.stdout is before


def test_a_stdout_of_the_programs_own_is_left_alone():
    mine = io.StringIO()
    with collect() as outputs, contextlib.redirect_stdout(mine):
        print("into the file")
    assert (mine.getvalue(), outputs.printed) == ("into the file\n", "")


def test_nested_collections_do_not_mix():
    with collect(echo=False) as outer:
        print("outer")
        with collect(echo=False) as inner:
            print("inner")
        print("outer again")
    assert (outer.printed, inner.printed) == ("outer\nouter again\n", "inner\n")


def test_what_is_printed_inside_is_shown_where_the_outer_one_shows_it():
    with collect(echo=False) as outer, collect() as inner:
        print("inner")
    assert (outer.printed, inner.printed) == ("inner\n", "inner\n")


@needs.threads
def test_a_thread_with_the_context_of_a_task_prints_into_its_run(capsys):
    async def main():
        await asyncio.to_thread(print, "to_thread")
        await asyncio.get_running_loop().run_in_executor(None, print, "executor")

    assert run(main, echo=False).printed == "to_thread\n"
    assert capsys.readouterr().out == "executor\n"


@needs.threads
def test_other_threads_print_where_they_always_did(capsys):
    asked, answered = threading.Event(), threading.Event()

    def bystander():
        asked.wait()
        print("bystander")
        answered.set()

    thread = threading.Thread(target=bystander)
    thread.start()
    with collect(echo=False) as outputs:
        asked.set()
        answered.wait()
    thread.join()
    assert outputs.printed == ""
    assert capsys.readouterr().out == "bystander\n"


def test_a_megabyte_of_text_is_cut_and_says_so():
    with collect(echo=False) as outputs:
        for _ in range(1000):
            sys.stdout.write("x" * 1000)
    kept, _, notice = outputs.printed.partition("\n")
    assert kept == "x" * PRINT_LIMIT
    assert notice == f"... and {1_000_000 - PRINT_LIMIT} more characters"


def test_text_of_exactly_the_limit_is_whole():
    with collect(echo=False) as outputs:
        sys.stdout.write("x" * PRINT_LIMIT)
    assert outputs.printed == "x" * PRINT_LIMIT


async def forgotten():
    """Somebody forgets to await this."""


def test_a_coroutine_never_awaited_is_told_with_its_line():
    async def main():
        forgotten()
        gc.collect()

    finished = run(main)
    line = main.__code__.co_firstlineno + 1
    what = f"forgotten(), called on line {line}"
    assert finished.trace.never_awaited == [what]
    assert finished.warnings == [f"coroutine was never awaited: {what}"]


def test_outside_a_run_it_is_pythons_own_warning():
    def forget():
        forgotten()
        gc.collect()

    with pytest.warns(RuntimeWarning, match="coroutine 'forgotten' was never awaited"):
        forget()


def test_an_exception_that_nobody_retrieved_is_told():
    async def fail():
        raise ValueError("unseen")

    async def main():
        asyncio.create_task(fail())  # noqa: RUF006 - that is the point
        await asyncio.sleep(1)

    finished = run(main)
    assert finished.warnings == ["Task exception was never retrieved: ValueError: unseen"]


def test_a_task_destroyed_while_pending_is_told():
    async def wait_for_ever():
        await asyncio.get_running_loop().create_future()

    async def main():
        asyncio.create_task(wait_for_ever())  # noqa: RUF006 - that is the point
        await asyncio.sleep(1)
        gc.collect()

    assert run(main).warnings == ["Task was destroyed but it is pending!"]


def test_outside_a_run_asyncio_logs_as_ever(caplog):
    logging.getLogger("asyncio").error("a complaint")
    assert "a complaint" in caplog.text


def test_other_warnings_are_left_alone():
    async def main():
        warnings.warn("an ordinary warning", UserWarning, stacklevel=1)

    with pytest.warns(UserWarning, match="an ordinary warning"):
        assert run(main).warnings == []


def test_the_depth_of_coroutine_origins_is_put_back():
    before = sys.get_coroutine_origin_tracking_depth()
    sys.set_coroutine_origin_tracking_depth(3)
    try:
        with collect():
            assert sys.get_coroutine_origin_tracking_depth() == 3
        assert sys.get_coroutine_origin_tracking_depth() == 3
    finally:
        sys.set_coroutine_origin_tracking_depth(before)
