"""Numbers in the page's sentences, with the player's minus sign."""

from gatesviz.traces import Array


def signed(value: float, form: str) -> str:
    """Return ``value`` in a format of Python's, with a real minus."""
    return format(value, form).replace("-", "−")


def format_values(values: Array) -> str:
    """Return a state or a gate, (H,), to three digits: what the player shows too."""
    return " and ".join(signed(value, ".3f") for value in values)


def small(difference: float) -> str:
    """Return a difference that should be rounding."""
    return "0" if difference == 0 else signed(difference, ".1e")


def apart(difference: float) -> str:
    """Return how far apart two results are."""
    if difference == 0:
        return "no difference"
    return "difference " + signed(difference, ".3f" if difference >= 0.001 else ".1e")
