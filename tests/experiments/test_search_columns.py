"""A search on several columns sees none of them in the rows of the test."""

import numpy as np
import pytest

from gatesviz.experiments.search import Plan, search_experiment, searched
from gatesviz.training import own_series

ROWS = np.arange(100.0)
TABLE = np.column_stack([np.sin(ROWS) + ROWS / 50, np.cos(ROWS), ROWS**2])
NAMES = ("wind", "rain")
SMALL = Plan((16,), 50)


def keys(table: np.ndarray) -> list[str]:
    return [t.key for t in search_experiment(own_series(table, "level", NAMES), SMALL).trials]


@pytest.mark.parametrize("column", [0, 1, 2])
def test_the_search_sees_no_column_of_the_held_out_rows(column: int) -> None:
    other = TABLE.copy()
    other[80:, column] += 1
    assert keys(other) == keys(TABLE)
    other[79, column] += 1
    assert keys(other) != keys(TABLE)


def test_the_search_reads_the_same_columns() -> None:
    seen = searched(own_series(TABLE, "level", NAMES))
    assert (seen.title, seen.input_names) == ("level", NAMES)
    np.testing.assert_array_equal(seen.values, TABLE[:80])
    spec = search_experiment(own_series(TABLE, "level", NAMES), SMALL).specs[0]
    assert spec.input_size == 3
    told = search_experiment(own_series(TABLE, "level", NAMES), SMALL).trials[0].to_dict()
    assert told["spec"]["task"] == {"own": seen.digest}


def test_a_column_that_rests_where_the_search_learns_is_named() -> None:
    late = TABLE.copy()
    late[:70, 2] = 0.0
    with pytest.raises(ValueError, match="without the held-out part, “rain” is 0 in all of"):
        searched(own_series(late, "level", NAMES))
