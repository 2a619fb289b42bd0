"""Turns: one thread at a time, fair to people, and nothing blocks them for long."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event, Lock, Thread

import pytest

from gatesviz.engine.fair_share import Allowance
from gatesviz.ui.turns import HEAD_START, TABS, Turns

PATIENCE = 20.0  # seconds; only a test that fails waits so long


class Clock:
    """Time that passes only when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Inside:
    """Count the threads that work at the same time."""

    def __init__(self) -> None:
        self._lock, self._now = Lock(), 0
        self.most = self.total = 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self._lock:
            self._now += 1
            self.total += 1
            self.most = max(self.most, self._now)
        try:
            yield
        finally:
            with self._lock:
                self._now -= 1


def until(condition: Callable[[], bool]) -> None:
    pause = Event()
    for _ in range(int(PATIENCE / 0.001)):
        if condition():
            return
        pause.wait(0.001)
    pytest.fail("the condition never held")


def test_of_many_threads_one_works_and_all_get_their_turn() -> None:
    turns, inside, threads = Turns(lease=PATIENCE), Inside(), 40
    together = Barrier(threads)

    def work(number: int) -> None:
        together.wait(PATIENCE)
        for _ in range(5):
            with turns.turn(f"person {number % 7}"), inside():
                sum(range(1_000))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads), timeout=PATIENCE))
    assert (inside.most, inside.total, turns.waiting) == (1, 5 * threads, 0)


def test_an_error_passes_the_turn_on() -> None:
    turns = Turns(lease=PATIENCE)
    with pytest.raises(ZeroDivisionError), turns.turn("somebody"):
        1 / 0  # noqa: B018
    with turns.turn("somebody else"):
        pass


def order_of(
    turns: Turns, clock: Clock, come: list[str], seconds: dict[str, float], timed: str = ""
) -> list[str]:
    """Let the people ``come`` in this order while a turn lasts. Return the order of their turns.

    A timer asks for the turns of the person ``timed``.
    """
    served: list[str] = []

    def work(person: str) -> None:
        with turns.turn(person, urgent=person != timed):
            served.append(person)
            clock.now += seconds[person]

    threads = [Thread(target=work, args=(person,), daemon=True) for person in come]
    with turns.turn("the first"):
        for number, thread in enumerate(threads, 1):
            thread.start()
            until(lambda number=number: turns.waiting == number)  # type: ignore[misc]
    for thread in threads:
        thread.join(PATIENCE)
    return served


def test_people_who_used_nothing_are_served_as_they_came() -> None:
    clock = Clock()
    turns = Turns(lease=PATIENCE, clock=clock)
    come = ["c", "a", "d", "b"]
    assert order_of(turns, clock, come, dict.fromkeys(come, 1.0)) == come


def test_a_person_with_many_tabs_takes_turns_with_the_others() -> None:
    clock = Clock()
    turns = Turns(lease=PATIENCE, clock=clock)
    come = ["greedy"] * 5 + ["a", "b"]
    served = order_of(turns, clock, come, {"greedy": 0.1, "a": 0.1, "b": 0.1})
    assert served == ["greedy", "a", "b", "greedy", "greedy", "greedy", "greedy"]


def test_used_time_counts_and_not_the_number_of_turns() -> None:
    clock = Clock()
    turns = Turns(lease=PATIENCE, clock=clock)
    served = order_of(turns, clock, ["slow", "slow", *["quick"] * 3], {"slow": 0.3, "quick": 0.1})
    assert served == ["slow", "quick", "quick", "quick", "slow"]


def test_a_click_goes_before_timers_but_not_for_ever() -> None:
    clock = Clock()
    turns = Turns(lease=PATIENCE, clock=clock)
    seconds = dict.fromkeys(("timer", "a", "flood"), 0.4 * HEAD_START)
    come = ["timer", "timer", "a", *["flood"] * 5]
    served = order_of(turns, clock, come, seconds, timed="timer")
    assert served == ["a", "flood", "flood", "flood", "timer", "flood", "timer", "flood"]


def test_while_a_block_waits_aside_others_work_and_its_time_is_not_charged() -> None:
    clock, served, over = Clock(), [], Event()
    turns = Turns(lease=PATIENCE, clock=clock)

    def waits() -> None:
        with turns.turn("waits"):
            clock.now += 1.0
            with turns.aside():
                served.append("aside")
                over.wait(PATIENCE)
            served.append("goes on")
            assert turns._now is not None
            assert turns._now.person == "waits"

    def keeps() -> None:
        with turns.turn("keeps"):  # so that used time isn't forgotten
            until(lambda: turns.waiting == 1)

    threads = [Thread(target=work, daemon=True) for work in (waits, keeps)]
    threads[0].start()
    until(lambda: served == ["aside"])
    with turns.turn("quick"):
        clock.now += 5.0
        served.append("quick")
        threads[1].start()
        until(lambda: turns.waiting == 1)
    over.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert served == ["aside", "quick", "goes on"]
    assert turns._now is None


def test_a_newcomer_waits_only_for_the_turn_under_way() -> None:
    clock = Clock()
    turns = Turns(lease=PATIENCE, clock=clock)
    for _ in range(3):
        assert order_of(turns, clock, ["greedy"] * 3 + ["new"], {"greedy": 0.1, "new": 0.01})[
            1
        ] == ("new")


def test_a_long_turn_ends_when_another_waits_although_its_work_goes_on() -> None:
    turns, over = Turns(lease=0.02), Event()

    def work() -> None:
        with turns.turn("slow"):
            over.wait(PATIENCE)

    thread = Thread(target=work, daemon=True)
    thread.start()
    until(lambda: turns._now is not None)
    with turns.turn("quick"):
        assert thread.is_alive()
        over.set()
        thread.join(PATIENCE)  # the end of the long turn doesn't end this one
        assert turns._now is not None
        assert turns._now.person == "quick"


def test_work_that_waits_for_work_that_waits_for_a_turn_comes_to_an_end() -> None:
    turns, lock, locked = Turns(lease=0.02), Lock(), Event()

    def first() -> None:
        with turns.turn("first"), lock:
            locked.set()
            turns.step_aside()
            until(lambda: turns._now is not None)  # the second one has its turn, and wants the lock
            turns.queue_again()

    thread = Thread(target=first, daemon=True)
    thread.start()
    assert locked.wait(PATIENCE)
    with turns.turn("second"), lock:
        pass
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_stepping_aside_lets_the_next_one_work_at_once() -> None:
    turns, aside, over = Turns(lease=PATIENCE), Event(), Event()

    def work() -> None:
        with turns.turn("slow"):
            turns.step_aside()
            aside.set()
            over.wait(PATIENCE)

    thread = Thread(target=work, daemon=True)
    thread.start()
    assert aside.wait(PATIENCE)
    with turns.turn("quick"):
        over.set()
    thread.join(PATIENCE)


def test_without_a_turn_there_is_nothing_to_step_aside_from() -> None:
    turns = Turns()
    turns.step_aside()
    turns.queue_again()
    with turns.turn("somebody"):
        pass
    turns.step_aside()


def test_work_that_begins_again_too_late_goes_behind_the_others() -> None:
    clock, served, again = Clock(), [], Event()
    turns = Turns(lease=PATIENCE, short=0.05, clock=clock)

    def other() -> None:
        with turns.turn("other"):
            served.append("other")

    def flood() -> None:
        with turns.turn("flood"):
            assert again.wait(PATIENCE)
            clock.now += 0.04
            turns.queue_again()
            served.append("flood")
            clock.now += 0.02
            turns.queue_again()
            served.append("flood again")

    threads = [Thread(target=flood, daemon=True), Thread(target=other, daemon=True)]
    threads[0].start()
    until(lambda: turns._now is not None)
    threads[1].start()
    until(lambda: turns.waiting == 1)
    again.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert served == ["flood", "other", "flood again"]


def test_nobody_is_remembered_once_nobody_waits() -> None:
    turns = Turns()
    for number in range(100):
        with turns.turn(f"person {number}"):
            pass
    assert not turns._shares._used


@pytest.mark.parametrize("tabs", [TABS, TABS + 1, 50])
def test_a_person_with_many_tabs_who_used_far_more_than_others_waits(tabs: int) -> None:
    clock, served = Clock(), []
    turns = Turns(lease=0.01, clock=clock)
    with turns.turn("a"):
        pass
    for tab in range(tabs):
        with turns.turn("flood", tab=str(tab)):
            pass
    with turns.turn("flood", tab="0"):
        clock.now += Allowance.BURST + 0.1

    def work() -> None:
        with turns.turn("flood", tab="0"):
            served.append(clock.now)

    threads = [Thread(target=work, daemon=True) for _ in range(5)]
    with turns.turn("a"):
        for number, thread in enumerate(threads, 1):
            thread.start()
            until(lambda number=number: turns.waiting == number)  # type: ignore[misc]
    if tabs > TABS:
        with turns.turn("a"):  # others go on at once
            assert not served
        clock.now += 0.15  # the part of two people is a half
        Event().wait(0.05)
        assert not served
        clock.now += 0.1
    for thread in threads:
        thread.join(PATIENCE)
    assert (len(served), turns.waiting) == (5, 0)


def test_a_person_alone_never_waits() -> None:
    clock = Clock()
    turns = Turns(lease=PATIENCE, clock=clock)
    with turns.turn("a"):
        clock.now += 1.0
    clock.now += 1.01 * Allowance.LATELY  # who left long ago isn't here
    for _ in range(20):
        with turns.turn("flood"):
            clock.now += 1.0
