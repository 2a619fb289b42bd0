"""Format numbers for the page's sentences, with a true minus sign."""

from gatesviz.theme import written
from gatesviz.traces import Array


def signed(value: float, form: str) -> str:
    """Format ``value`` with a Python format and a true minus sign."""
    return format(value, form).replace("-", "−")


def format_values(values: Array) -> str:
    """Format a state or a gate, (H,), with three decimals, as the player does."""
    return " and ".join(signed(value, ".3f") for value in values)


def small(difference: float) -> str:
    """Format a difference that should be rounding."""
    return written(difference)


def differing(difference: float, from_what: str) -> str:
    """Return how far states are from another computation of them."""
    if difference == 0:
        return f"equal those of {from_what} exactly"
    return f"differ from those of {from_what} by at most {small(difference)}"


def apart(difference: float) -> str:
    """Return the difference between two results in words."""
    if difference == 0:
        return "no difference"
    return f"difference {small(difference)}"
