"""The allowance of a person beside others, by numbers known on paper."""

import pytest

from gatesviz.engine.fair_share import MANY, Allowance

B, LONGEST = Allowance.BURST, Allowance.LONGEST


def among(people: int) -> Allowance:
    """Return an allowance for which ``people`` others used no time at second 0."""
    allowance = Allowance()
    for number in range(people):
        allowance.use(f"person {number}", 0.0, 0.0)
    return allowance


@pytest.mark.parametrize(("others", "part"), [(1, 1 / 2), (3, 1 / 4), (99, Allowance.LEAST)])
def test_time_above_the_burst_is_paid_back_by_an_equal_part_of_the_time(
    others: int, part: float
) -> None:
    allowance = among(others)
    allowance.use("flood", B, 0.0)
    assert allowance.wait("flood", 0.0) == 0.0
    allowance.use("flood", 0.4 * part, 0.0)
    assert allowance.wait("flood", 0.0) == pytest.approx(0.4)
    assert allowance.wait("flood", 0.1) == pytest.approx(0.3)
    assert allowance.wait("flood", 0.5) == 0.0
    assert allowance.wait("person 0", 0.0) == 0.0


def test_nobody_waits_longer_than_a_second_after_a_long_computation() -> None:
    allowance = among(30)
    allowance.use("slow", 100.0, 1.0)
    assert allowance.wait("slow", 1.0) == pytest.approx(LONGEST)
    assert allowance.wait("slow", 1.0 + LONGEST) == pytest.approx(0.0)


def test_a_burst_comes_back_while_a_person_rests() -> None:
    allowance = among(3)
    allowance.use("a", B, 0.0)
    allowance.use("person 1", 0.0, 4.0)
    allowance.use("person 2", 0.0, 4.0)
    allowance.use("a", 1.0, 4.0)  # four people: 4 s gave one of two seconds back
    assert allowance.wait("a", 4.0) == 0.0
    allowance.use("a", 0.1, 4.0)
    assert allowance.wait("a", 4.0) == pytest.approx(0.4)


def test_who_was_not_here_lately_does_not_count() -> None:
    allowance = among(3)
    later = 1.5 * Allowance.LATELY
    allowance.use("flood", 2 * B, later)
    assert allowance.wait("flood", later) == 0.0, "alone"
    allowance.use("new", 0.0, later)
    assert allowance.wait("flood", later) == pytest.approx(LONGEST)


def test_tabs_count_while_they_are_used() -> None:
    allowance = Allowance()
    for number in range(5):
        allowance.use("a", 0.1, float(number), f"tab {number}")
    assert [allowance.tabs("a", now) for now in (4.0, 12.5, 30.0)] == [5, 2, 0]
    allowance.use("a", 0.1, 30.0, "tab 0")
    assert allowance.tabs("a", 30.0) == len(allowance._tabs["a"]) == 1
    assert allowance.tabs("b", 30.0) == 0


def test_the_memory_is_bounded() -> None:
    allowance = among(2 * MANY)
    assert len(allowance._used) == len(allowance._tabs) == MANY
