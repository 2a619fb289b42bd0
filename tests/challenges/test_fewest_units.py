"""The fewest units: what the runs say, and a real set of runs that solves the challenge."""

from collections.abc import Mapping

import pytest

import gatesviz as gv
from gatesviz.challenges import Sizes, challenge, grade_sizes
from gatesviz.tasks import TASKS


@pytest.mark.parametrize(
    ("runs", "sizes", "solved"),
    [
        ({}, Sizes(None), False),
        ({3: None, 4: None}, Sizes(None), False),
        ({8: 150}, Sizes(8, (1, 2, 3, 4, 5, 6, 7)), False),
        ({8: 150, 4: 350, 3: None, 1: None}, Sizes(4, (2,)), False),
        ({8: 150, 4: 350, 3: None, 2: None, 1: None}, Sizes(4), True),
        ({4: 350, 3: None, 2: 575, 1: None}, Sizes(2), True),  # a larger size may fail
        ({1: 10}, Sizes(1), True),
    ],
)
def test_every_smaller_size_must_have_failed(
    runs: Mapping[int, int | None], sizes: Sizes, solved: bool
) -> None:
    assert grade_sizes(runs) == sizes
    assert grade_sizes(runs).solved == solved


@pytest.mark.slow
def test_the_challenge_can_be_solved_and_one_unit_is_not_enough() -> None:
    fewest = challenge("fewest-units").fewest
    assert fewest is not None
    runs: dict[int, int | None] = {}
    for units in range(1, 9):
        _, snapshots = gv.advance(gv.start(fewest.spec(units)), fewest.updates)
        scored = [one for one in snapshots if one.score is not None]
        task = TASKS[fewest.task]
        runs[units] = next((one.update for one in scored if task.solved(one.score)), None)
        if runs[units] is not None:
            break
    result = grade_sizes(runs)
    assert result.solved
    assert runs[1] is None
    assert result.fewest == units > 1
