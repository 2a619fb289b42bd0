"""Calls in processes of their own: they end with the call, and there is one at a time."""

import os
import time
from concurrent.futures import CancelledError, Future
from functools import partial
from threading import Event, Thread

import pytest

from gatesviz.engine.backend import UnreachableError
from gatesviz.engine.background import WAITS, BackgroundCalls, run_in_process


def gone(process: int, seconds: float = 20) -> bool:
    """Return whether a process of this machine ends within ``seconds``."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def sleep_on(path: str) -> None:
    """Write down which process this is, and stay."""
    with open(path, "w") as file:  # noqa: PTH123, it is called in a bare process
        file.write(str(os.getpid()))
    time.sleep(60)


@pytest.mark.slow
def test_a_process_ends_with_its_call_or_when_it_is_cancelled(tmp_path):
    done = run_in_process(60, os.getpid).result(60)
    assert done != os.getpid()
    assert gone(done)
    file = tmp_path / "process"
    future = run_in_process(60, sleep_on, str(file))
    while not file.exists() or not file.read_text():
        time.sleep(0.05)
    future.cancel()
    with pytest.raises(CancelledError):
        future.result(5)
    assert gone(int(file.read_text()))


def made() -> "tuple[BackgroundCalls[int], list[Future[int]]]":
    return BackgroundCalls(2), []


def begun(futures: "list[Future[int]]") -> "Future[int]":
    futures.append(Future())
    return futures[-1]


def test_one_at_a_time_and_a_result_is_there_for_everybody():
    calls, futures = made()
    assert calls.begin("a", partial(begun, futures), "ann")
    assert not calls.begin("b", partial(begun, futures), "bob")
    turn = calls.under_way()
    assert (turn.key, turn.owner, len(futures)) == ("a", "ann", 1)
    futures[0].set_result(7)
    assert calls.under_way() is None
    assert calls.found("a") == 7
    assert calls.begin("b", partial(begun, futures), "bob")


def test_a_person_who_measures_much_takes_turns_with_the_others():
    """Ann's tabs ask first each time. Bob has used less, and comes next as long as he asks."""
    now, futures = 0.0, []
    calls: BackgroundCalls[int] = BackgroundCalls(99, clock=lambda: now)

    def asks(key, person):
        return calls.begin(key, partial(begun, futures), f"tab {key}", person)

    given = []
    for turn in range(8):
        for key, person in [*((f"ann {turn} {tab}", "ann") for tab in range(20)), (turn, "bob")]:
            if asks(key, person):
                given.append(person)
        now += 2
        futures[-1].set_result(1)
    assert given == ["ann", "bob", "ann", "bob", "ann", "bob", "ann", "bob"]
    now += WAITS
    assert asks("ann 9", "ann")  # bob has not asked for a while
    assert not asks(9, "bob")
    now += 2
    futures[-1].set_result(1)
    assert not asks("ann 10", "ann")
    now += WAITS
    assert asks("ann 10", "ann")  # bob has left without his turn


def test_a_result_can_be_kept_in_parts():
    calls: BackgroundCalls[str] = BackgroundCalls(4, lambda key, value: {c: c for c in value})
    future: Future[str] = Future()
    assert calls.begin("both", lambda: future)
    future.set_result("ab")
    assert calls.under_way() is None
    assert [calls.found(key) for key in ("a", "b", "both")] == ["a", "b", None]


def test_a_call_that_ends_while_it_is_asked_for_is_not_made_again():
    calls, futures = made()
    assert calls.begin("a", partial(begun, futures))
    futures[0].set_result(1)  # after the page looked, before it asks
    assert not calls.begin("a", partial(begun, futures))
    assert calls.found("a") == len(futures) == 1
    assert calls.begin("a", partial(begun, futures)), "who asks again means it"


def test_only_who_began_it_or_whoever_means_it_stops_it():
    calls, futures = made()
    calls.begin("a", partial(begun, futures), "ann")
    calls.stop(owner="bob")
    calls.stop("b")
    assert calls.under_way() is not None
    calls.stop(owner="ann")
    assert calls.under_way() is None
    assert futures[0].cancelled()
    calls.begin("a", partial(begun, futures), "ann")
    calls.stop("a")
    assert futures[1].cancelled()
    assert calls.found("a") is None
    assert calls.problem("a") == ""


def test_what_goes_wrong_is_told_until_it_is_begun_again_or_forgiven():
    calls, futures = made()

    def refused() -> "Future[int]":
        raise UnreachableError("no process could be started")

    assert calls.begin("a", refused)
    assert calls.problem("a") == "no process could be started"
    assert calls.under_way() is None

    def broken() -> "Future[int]":
        raise RuntimeError("can't start new thread")

    assert calls.begin("b", broken)
    assert calls.problem("b") == "it met an error, and the server's log has the details"
    calls.begin("a", partial(begun, futures))
    assert calls.problem("a") == ""
    futures[0].set_exception(TimeoutError())
    calls.under_way()
    assert calls.problem("a") == "it took too long and was stopped"
    calls.forgive("a")
    assert calls.problem("a") == ""


def test_while_a_process_is_started_nobody_waits_and_a_stop_is_heard():
    calls, futures = made()
    go, there = Event(), Event()

    def slow() -> "Future[int]":
        there.set()
        assert go.wait(20)
        return begun(futures)

    thread = Thread(target=calls.begin, args=("a", slow, "ann"))
    thread.start()
    assert there.wait(20)
    assert calls.under_way().future is None
    assert not calls.begin("b", partial(begun, futures))
    calls.stop(owner="ann")
    assert calls.under_way() is None
    go.set()
    thread.join(20)
    assert futures[0].cancelled()
    assert calls.under_way() is None


def test_of_many_the_first_is_forgotten():
    calls, _ = made()
    for key in "abc":
        calls.keep(key, ord(key))
    assert [calls.found(key) for key in "abc"] == [None, 98, 99]
