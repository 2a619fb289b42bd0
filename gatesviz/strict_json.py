"""JSON as its standard has it: without NaN and Infinity, which no browser reads."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any


def to_json(data: Any) -> str:
    """Return ``data`` as one line of JSON; a number that is not finite is null."""
    return json.dumps(finite(data), ensure_ascii=False, allow_nan=False)


def finite(data: Any) -> Any:
    """Return ``data`` with None for every float that is not finite, in lists and mappings, too."""
    try:
        json.dumps(data, allow_nan=False, default=lambda _: None)  # quick, and mostly all there is
    except ValueError:
        return _finite(data)
    return data


def _finite(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {name: _finite(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not isfinite(data) else data
