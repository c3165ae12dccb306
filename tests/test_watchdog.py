"""The watchdog stops code that never gives way, and leaves all other code alone."""

import sys
import threading

import needs
import pytest

from asynclab.watchdog import TimeUp, time_limit

pytestmark = needs.threads


def spin():
    while True:
        pass


def test_an_endless_loop_is_interrupted():
    with pytest.raises(TimeUp), time_limit(0.05):
        spin()


def spin_and_catch_errors():
    while True:
        try:
            spin()
        except Exception:  # noqa: BLE001 - that is the point
            continue


def spin_and_catch_everything():
    while True:
        try:
            spin()
        except:  # noqa: E722 - that is the point
            continue


@pytest.mark.parametrize("endless", [spin_and_catch_errors, spin_and_catch_everything])
def test_an_except_in_a_loop_does_not_keep_it(endless):
    with pytest.raises(TimeUp), time_limit(0.05):
        endless()


def test_a_block_that_ends_in_time_is_left_alone():
    def trace(*_):
        return None

    before, other = threading.active_count(), sys.gettrace()
    sys.settrace(trace)
    try:
        with time_limit(60):
            total = sum(range(1000))
        assert sys.gettrace() is trace
    finally:
        sys.settrace(other)
    assert total == 499500
    assert before == threading.active_count() or wait_for_the_watchdog()


def wait_for_the_watchdog():
    for thread in threading.enumerate():
        if thread.name == "asynclab-watchdog":
            thread.join()
    return True


def test_nothing_arrives_after_the_block():
    for _ in range(200):
        try:
            with time_limit(0):
                pass
        except TimeUp:
            pass
    total = 0
    for i in range(200_000):  # each turn of a loop is a chance to be interrupted
        total += i
    assert total == 19999900000


def test_without_a_number_there_is_no_limit_and_no_thread():
    before = threading.active_count()
    with time_limit(None):
        assert threading.active_count() == before


def test_limits_in_several_threads_do_not_mix():
    outcomes = {}

    def work(name, seconds, job):
        try:
            with time_limit(seconds):
                job()
            outcomes[name] = "ended"
        except TimeUp:
            outcomes[name] = "stopped"

    stopped = threading.Event()
    endless = threading.Thread(target=work, args=("endless", 0.05, spin))
    patient = threading.Thread(target=work, args=("patient", 60, stopped.wait))
    for thread in (endless, patient):
        thread.start()
    endless.join()
    stopped.set()
    patient.join()
    assert outcomes == {"endless": "stopped", "patient": "ended"}
