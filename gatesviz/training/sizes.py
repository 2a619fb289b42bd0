"""How many parameters a cell has, and how many units it needs for a given number."""

from functools import cache

from gatesviz.cells import CELLS
from gatesviz.limits import MATCHED_HIDDEN


def parameter_count(cell: str, inputs: int, hidden: int, layers: int, directions: int) -> int:
    """Return the number of weights and biases that ``torch.nn``'s module has.

    A layer that reads I features into H units has K·H·(I + H + 2) in each direction: K blocks
    of rows, 1 in the RNN, 3 in the GRU, 4 in the LSTM, and two biases, as PyTorch keeps them.
    """
    blocks, count, features = len(CELLS[cell].blocks), 0, inputs
    for _ in range(layers):
        count += directions * blocks * hidden * (features + hidden + 2)
        features = directions * hidden
    return count


@cache
def matched_hidden(cell: str, inputs: int, hidden: int, layers: int, directions: int) -> int:
    """Return the units with which ``cell`` is nearest in size to an LSTM of ``hidden`` units."""
    wanted = parameter_count("lstm", inputs, hidden, layers, directions)
    return min(
        range(MATCHED_HIDDEN.low, MATCHED_HIDDEN.high + 1),
        key=lambda H: abs(parameter_count(cell, inputs, H, layers, directions) - wanted),
    )
