"""Standard JSON, without NaN and Infinity, which browsers cannot read."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any


def to_json(data: Any) -> str:
    """Return ``data`` as one line of JSON, with null for numbers that are not finite."""
    return json.dumps(finite(data), ensure_ascii=False, allow_nan=False)


def finite(data: Any) -> Any:
    """Return ``data`` with None for each float that is not finite, also in lists and mappings."""
    try:
        json.dumps(data, allow_nan=False, default=lambda _: None)  # fast, and usually enough
    except ValueError:
        return _finite(data)
    return data


def _finite(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {name: _finite(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not isfinite(data) else data
