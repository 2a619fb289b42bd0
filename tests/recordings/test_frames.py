"""The tidy table holds each recorded number once, in its own row."""

import numpy as np
import pytest

from gatesviz.recordings import record
from tests.recordings.cases import LENGTHS, Case


@pytest.mark.parametrize("cell", ["rnn_relu", "lstm", "lstm_proj", "gru"])
@pytest.mark.parametrize("layout", ["batched", "unbatched", *LENGTHS])
def test_every_row_is_the_traces_number(cell, layout):
    case = Case(cell, layers=2, bidirectional=True, layout=layout)
    recording = record(case.module(), case.inputs())
    frame = recording.to_frame()

    trace = recording.trace()
    states = ["c", "h"] if "c" in trace.states else ["h"]
    index = ["layer", "direction", "sample", "step", "unit"]
    assert list(frame) == [*index, *trace.gates, *states]
    steps = {"batched": 24, "unbatched": 6}.get(layout) or sum(case.ends)
    assert len(frame) == 4 * steps * 5
    assert not frame[index].duplicated().any()
    for row in frame.sample(60, random_state=0).to_dict("records"):
        one = recording.trace(row["layer"], row["direction"]).sample(row["sample"])
        for letter in trace.gates:
            assert row[letter] == one.gates[letter][row["step"], row["unit"]]
        for name in states:
            after = one.after(name)[row["step"]]
            if row["unit"] < len(after):
                assert row[name] == after[row["unit"]]
            else:
                assert cell == "lstm_proj"
                assert np.isnan(row[name])


def test_only_the_projection_leaves_gaps():
    case = Case("lstm_proj", layout="packed")
    frame = record(case.module(), case.inputs()).to_frame()
    assert (frame["h"].isna() == (frame["unit"] >= 2)).all()
    assert not frame.drop(columns="h").isna().any(axis=None)
