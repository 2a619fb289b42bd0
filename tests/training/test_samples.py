"""What a run is scored on and shown on: samples of their own seeds, from the part held out."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from gatesviz.training import TrainingSpec, advance, own_series, probe, start
from gatesviz.training.samples import held_out, training_set

VALUES = np.arange(200.0) ** 1.5  # every value once, so that a value tells its row
SERIES = own_series(VALUES, "rows")
SPECS = [
    TrainingSpec(SERIES, "gru", hidden_size=3, length=12),
    TrainingSpec("characters", length=12),
]


def rows(inputs: torch.Tensor) -> set[int]:
    """Return the rows of the series that are in ``inputs``."""
    known = SERIES.standardised(VALUES[:, None]).ravel()
    return {int(np.abs(known - value).argmin()) for value in inputs.ravel().tolist()}


@pytest.mark.parametrize("spec", SPECS, ids=["series", "characters"])
def test_scores_and_probes_have_their_own_seeds_and_are_held_out(spec):
    made = {
        (seed, count): spec.learned.batch(
            torch.Generator().manual_seed(seed), count, spec.length, held_out=True
        )
        for seed, count in ((30_000, 256), (40_000, 4))
    }
    for mine, expected in zip((held_out(spec), probe(spec)), made.values(), strict=True):
        for ours, theirs in zip(mine, expected, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=0, equal_nan=True)
    trained = spec.learned.batch(torch.Generator().manual_seed(30_000), 256, spec.length)
    assert not torch.equal(trained.inputs, held_out(spec).inputs)


def test_no_row_of_a_series_is_both_learnt_and_scored():
    spec = replace(SPECS[0], data_size=512)
    learnt, scored, shown = (
        rows(batch.inputs) for batch in (training_set(spec), held_out(spec), probe(spec))
    )
    assert max(learnt) < min(scored)
    assert shown <= {*range(min(scored), len(VALUES))}


def test_a_score_is_that_of_the_last_weights_on_the_samples_held_out():
    spec = SPECS[0]
    state, snapshots = advance(start(spec), 4)
    batch = spec.learned.batch(torch.Generator().manual_seed(30_000), 256, 12, held_out=True)
    with torch.no_grad():
        output = state.model.outputs(batch.inputs)
    assert snapshots[-1].score == pytest.approx(spec.learned.score(output, batch), rel=1e-6)
