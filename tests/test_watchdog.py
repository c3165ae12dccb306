"""The watchdog stops code that never gives way, and leaves all other code alone."""

import os
import signal
import socket
import sys
import threading

import needs
import pytest

from asynclab import watchdog
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


def wait_for_a_lock():
    threading.Semaphore(0).acquire()


def wait_for_a_socket():
    mine, _other = socket.socketpair()
    with mine, _other:
        mine.recv(1)


@pytest.mark.skipif(watchdog.WAKE is None, reason="here a wait cannot be interrupted")
@pytest.mark.parametrize("wait", [wait_for_a_lock, wait_for_a_socket])
def test_a_wait_is_interrupted(wait):
    handler = signal.getsignal(watchdog.WAKE)
    with pytest.raises(TimeUp), time_limit(0.05):
        wait()
    assert signal.getsignal(watchdog.WAKE) == handler


class SpinsAtItsEnd:
    def __del__(self):
        spin()


def spin_twice():
    SpinsAtItsEnd()
    spin()


def test_what_is_lost_at_the_end_of_an_object_comes_again_and_is_not_heard(monkeypatch):
    heard = []
    monkeypatch.setattr(sys, "unraisablehook", heard.append)
    with pytest.raises(TimeUp), time_limit(0.05):
        spin_twice()
    assert heard == []


def test_a_block_that_ends_in_time_is_left_alone():
    def trace(*_):
        return None

    other = sys.gettrace()
    sys.settrace(trace)
    try:
        with time_limit(60):
            total = sum(range(1000))
        assert sys.gettrace() is trace
    finally:
        sys.settrace(other)
    assert total == 499500


def watchdogs():
    return [t for t in threading.enumerate() if t.name == "asynclab-watchdog"]


def test_one_thread_watches_over_all_blocks():
    for _ in range(100):
        with time_limit(60), time_limit(50):
            assert len(watchdogs()) == 1


def test_a_shorter_limit_inside_a_longer_one_is_kept():
    with time_limit(60), pytest.raises(TimeUp), time_limit(0.05):
        spin()


def test_the_watchdog_is_gone_when_there_is_nothing_to_watch():
    with pytest.raises(TimeUp), time_limit(0.05):
        spin()
    with time_limit(0.01):  # it looks around then
        pass
    for thread in watchdogs():
        thread.join(timeout=70)
        assert not thread.is_alive()


def test_a_watchdog_that_could_not_start_is_tried_again(monkeypatch):
    def no_thread(_):
        raise RuntimeError("can't start new thread")

    guard = watchdog._Guard()
    monkeypatch.setattr(watchdog, "_guard", guard)
    with monkeypatch.context() as poor:
        poor.setattr(watchdog, "real_start", no_thread)
        with time_limit(60):
            pass
    with pytest.raises(TimeUp), time_limit(0.05):
        spin()


@needs.signals
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # since 3.12, beside any thread
def test_a_child_of_this_process_has_a_watchdog_of_its_own():
    with time_limit(60):
        child = os.fork()
        if child == 0:
            try:
                with time_limit(0.05):
                    spin()
            except TimeUp:
                os._exit(7)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


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
    before = set(threading.enumerate())
    with time_limit(None):
        assert set(threading.enumerate()) <= before


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
