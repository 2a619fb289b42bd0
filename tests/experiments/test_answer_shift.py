"""How far answers move: known answers, and what may not happen."""

import numpy as np
import pytest

from gatesviz.experiments.answer_shift import answer_shift, output_shift, share_left


def test_of_one_choice_the_share_of_the_probability_that_moves() -> None:
    before = np.array([[0.7, 0.2, 0.1], [0.5, 0.3, 0.2], [1.0, 0.0, 0.0]])
    after = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.0, 0.0, 1.0]])
    shift = answer_shift(before, after, "choice")
    np.testing.assert_allclose(shift.moved, [0, 0.4, 1])
    assert shift.changed.tolist() == [False, True, True]


def test_it_is_the_total_variation_distance_the_largest_difference_over_all_sets_of_answers() -> (
    None
):
    drawn = np.random.default_rng(0).dirichlet(np.ones(4), size=(2, 20))
    sets = np.array([[k >> bit & 1 for bit in range(4)] for k in range(16)], bool)
    largest = [
        max(abs(p[one].sum() - q[one].sum()) for one in sets) for p, q in zip(*drawn, strict=True)
    ]
    np.testing.assert_allclose(answer_shift(*drawn, "choice").moved, largest)


def test_of_several_answers_the_one_that_moves_most_and_each_yes_and_no() -> None:
    before = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.2]], np.float32)
    after = np.array([[0.7, 0.2], [0.4, 0.4], [0.4, 0.4]], np.float32)
    shift = answer_shift(before, after, "set")
    np.testing.assert_allclose(shift.moved, [0.2, 0.2, 0.2], atol=1e-6)
    assert shift.changed.tolist() == [False, True, False]


def test_a_number_moves_by_its_difference_and_decides_nothing() -> None:
    shift = answer_shift(np.array([[1.0], [-2.0]]), np.array([[1.5], [2.0]]), "number")
    assert shift.moved.tolist() == [0.5, 4]
    assert not shift.changed.any()


def test_an_output_moves_by_a_share_of_its_mean_length() -> None:
    before = np.array([[3.0, 4.0], [0.0, 15.0]])
    shift = output_shift(before, before + np.array([[0, 5], [6, 8]]))
    np.testing.assert_allclose(shift.moved, [0.5, 1])
    assert np.isnan(output_shift(np.zeros((2, 3)), np.ones((2, 3))).moved).all()
    for wrong in (np.ones((2, 3)), np.ones(2)):
        with pytest.raises(ValueError, match="after: expected shape"):
            output_shift(before, wrong)
        with pytest.raises(ValueError, match="after: expected shape"):
            answer_shift(before, wrong, "choice")


def test_the_share_that_is_left_lies_along_the_unchanged_state() -> None:
    before = np.array([[2.0, 0.0], [2.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    after = np.array([[1.0, 7.0], [-2.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    found = share_left(before, after)
    assert found[:3].tolist() == [0.5, -1, 0]
    assert np.isnan(found[3])


def test_the_share_that_is_left_is_computed_in_double_precision_and_whole_if_only_rounded() -> None:
    before = np.array([[0.1, 0.3]], np.float32)
    assert share_left(before, before * np.float32(1 + 3e-7)).tolist() == [1]
    assert share_left(before, before * np.float32(1.001))[0] == pytest.approx(1.001)
    assert share_left(before, np.full((1, 2), 1e38, np.float32))[0] == pytest.approx(4e38)
    assert share_left(np.full((1, 2), 1e-30, np.float32), before)[0] == pytest.approx(2e29)
