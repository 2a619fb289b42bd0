"""The gates of the weights that ship can be read: what a page may say about them.

Gates are worked out here with formulas of their own, so nothing rests on the code under test.
"""

import numpy as np
import torch

from gatesviz.tasks import Batch
from gatesviz.trained import PackagedModel, load_trained


@torch.no_grad()
def _gates(model: PackagedModel, inputs: torch.Tensor) -> dict[str, np.ndarray]:
    """Return gates and states after each step, (T, B, H), by the formulas of PyTorch's docs."""
    w = {k.removesuffix("_l0"): v for k, v in model.module.state_dict().items()}
    h = c = torch.zeros(inputs.shape[1], model.hidden_size)
    rows = []
    for x in inputs:
        from_x, from_h = x @ w["weight_ih"].T + w["bias_ih"], h @ w["weight_hh"].T + w["bias_hh"]
        if model.cell == "lstm":
            i, f, g, o = (from_x + from_h).chunk(4, -1)
            i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
            c = f * c + i * g
            h = o * c.tanh()
            rows.append({"i": i, "f": f, "g": g, "o": o, "c": c, "h": h})
        else:
            (xr, xz, xn), (hr, hz, hn) = from_x.chunk(3, -1), from_h.chunk(3, -1)
            r, z = (xr + hr).sigmoid(), (xz + hz).sigmoid()
            n = (xn + r * hn).tanh()
            h = (1 - z) * n + z * h
            rows.append({"r": r, "z": z, "n": n, "h": h})
    return {k: torch.stack([row[k] for row in rows]).numpy() for k in rows[0]}


def _new_samples(model: PackagedModel, samples: int = 100) -> Batch:
    return model.task.batch(torch.Generator().manual_seed(12_345), samples, model.task.length)


def _is(model: PackagedModel, batch: Batch, characters: str) -> np.ndarray:
    """Return where the text holds one of ``characters``, (T, B)."""
    wanted = [model.vocabulary.index(character) for character in characters]
    return np.isin(batch.inputs.argmax(-1).numpy(), wanted)


def test_the_recall_lstm_writes_at_capitals_keeps_until_the_next_and_shows_when_asked() -> None:
    model = load_trained("recall-lstm")
    batch = _new_samples(model)
    gates = _gates(model, batch.inputs)
    capital, question, noise = (_is(model, batch, c) for c in ("ABCD", "?", "xyz."))
    readers = [
        unit
        for unit in range(model.hidden_size)
        if gates["o"][question][:, unit].min() > 0.8 and gates["o"][~question][:, unit].max() < 0.2
    ]
    assert len(readers) >= 2  # four letters are two bits
    for unit in readers:
        assert gates["i"][capital][:, unit].min() > 0.5
        assert gates["i"][~capital][:, unit].max() < 0.1
        assert gates["f"][noise][:, unit].min() > 0.98
    assert gates["f"][capital][:, readers].min(0).max() < 0.1
    signs = np.sign(gates["c"][question][:, readers])
    letters = batch.targets.numpy()[question]
    codes = {letter: {tuple(row) for row in signs[letters == letter]} for letter in (1, 2, 3, 4)}
    assert all(len(code) == 1 for code in codes.values())
    assert len(set.union(*codes.values())) == 4


def test_the_recall_gru_keeps_through_noise_and_takes_anew_at_capitals() -> None:
    model = load_trained("recall-gru")
    batch = _new_samples(model)
    z = _gates(model, batch.inputs)["z"]
    capital, noise = _is(model, batch, "ABCD"), _is(model, batch, "xyz.")
    assert z[noise].mean() > 0.97
    assert z[capital].min(-1).max() < 0.3  # at every capital at least one unit lets go
    units = z[noise].mean(0) - z[capital].mean(0)
    assert units.max() > 0.6


def _counter(states: np.ndarray, batch: Batch) -> tuple[int, float]:
    """Return the unit whose state is most like the depth, and its correlation with it."""
    depth = batch.targets.numpy().ravel()
    likeness = [np.corrcoef(unit.ravel(), depth)[0, 1] for unit in np.moveaxis(states, -1, 0)]
    unit = int(np.abs(likeness).argmax())
    return unit, float(likeness[unit])


def test_a_cell_of_the_brackets_lstm_counts() -> None:
    model = load_trained("brackets-lstm")
    batch = _new_samples(model)
    gates = _gates(model, batch.inputs)
    unit, likeness = _counter(gates["c"], batch)
    assert abs(likeness) > 0.95
    i, f, g = (gates[letter][..., unit] for letter in "ifg")
    opening, closing, letter = (_is(model, batch, c) for c in ("(", ")", "abc"))
    assert f[letter].mean() > 0.98  # letters change nothing: kept, and next to nothing written
    assert i[letter].mean() < 0.05
    assert min(i[opening].mean(), i[closing].mean()) > 0.2
    up, down = ((i * g)[where].mean() * np.sign(likeness) for where in (opening, closing))
    assert down < 0 < up


def test_a_unit_of_the_brackets_gru_follows_the_depth() -> None:
    model = load_trained("brackets-gru")
    batch = _new_samples(model)
    gates = _gates(model, batch.inputs)
    unit, likeness = _counter(gates["h"], batch)
    assert abs(likeness) > 0.9
    assert gates["z"][_is(model, batch, "abc")][:, unit].mean() > 0.95
