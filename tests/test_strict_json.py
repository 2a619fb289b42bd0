"""JSON that every reader takes."""

import json
import math

import pytest

from gatesviz.strict_json import finite, to_json

BAD = (math.nan, math.inf, -math.inf)


@pytest.mark.parametrize("bad", BAD)
def test_a_number_that_is_not_finite_is_null(bad):
    data = {"a": [1.5, bad, {"b": (bad, "NaN")}], "c": bad, "d": True, "e": None}
    told = {"a": [1.5, None, {"b": [None, "NaN"]}], "c": None, "d": True, "e": None}
    assert finite(data) == told
    assert json.loads(to_json(data), parse_constant=pytest.fail) == told


def test_what_is_finite_is_the_same_object():
    data = {"a": [1, 2.5], "b": "ä"}
    assert finite(data) is data
    assert to_json(data) == '{"a": [1, 2.5], "b": "ä"}'


def test_bytes_and_what_json_lacks_stay_for_whoever_can_send_them():
    assert finite(b"\x00") == b"\x00"
    assert finite([math.nan, b"\x00"]) == [None, b"\x00"]
