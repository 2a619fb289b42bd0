"""Edited recordings against a loop in float64 that is written here, gate by gate."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import gatesviz as gv
from gatesviz.cells import CELLS, register
from gatesviz.fresh import fresh
from gatesviz.recordings import load, record
from gatesviz.recordings.edited import edited_scan
from gatesviz.recordings.modules import read_module
from gatesviz.recordings.stepwise import StepModule, step_scan
from tests.minimal_gated_unit import MGU
from tests.recordings.cases import LENGTHS, Case, states_of

LETTERS = {"rnn_tanh": "hx", "rnn_relu": "hx", "gru": "rznhx", "lstm": "ifgochx"}
LETTERS["lstm_proj"] = LETTERS["lstm"]
CLOSE = {"rtol": 1e-12, "atol": 1e-12}


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


class Loop:
    """One sample through a module, in float64. ``edits`` are asked for each number."""

    def __init__(self, case, module, edits, sample: int) -> None:
        self.case, self.edits, self.sample = case, edits, sample
        self.w = {n: p.detach().double().numpy() for n, p in module.named_parameters()}

    def run(self, x, first_h, first_c):
        """Return (layer, direction) -> letter -> rows in input order, and the last layer's h."""
        found, steps = {}, len(x)
        for layer in range(self.case.layers):
            outputs = []
            for direction in ("forward", "backward")[: 1 + self.case.bidirectional]:
                k = len(found)
                h, c = first_h[k], None if first_c is None else first_c[k]
                rows = [None] * steps
                for t in range(steps)[:: 1 if direction == "forward" else -1]:
                    self.place = (layer, direction, t)
                    rows[t] = self.step(x[t], h, c)
                    h, c = rows[t]["h"], rows[t].get("c")
                found[layer, direction] = {n: np.array([r[n] for r in rows]) for n in rows[0]}
                outputs.append(found[layer, direction]["h"])
            x = np.concatenate(outputs, -1)
        return found, x

    def step(self, x, h, c):
        change, sums = self.change, self.sums
        x, cell = change("x", x), self.case.cell
        if cell.startswith("rnn"):
            a = sum(sums(x, h)[0])
            return {"x": x, "h": change("h", np.tanh(a) if cell == "rnn_tanh" else a * (a > 0))}
        if cell == "gru":
            r, z, n = sums(x, h)
            r, z = change("r", sigmoid(sum(r))), change("z", sigmoid(sum(z)))
            n = change("n", np.tanh(n[0] + r * n[1]))
            return {"x": x, "r": r, "z": z, "n": n, "h": change("h", n - z * n + z * h)}
        i, f, g, o = (sum(each) for each in sums(x, h))
        i, f, o = change("i", sigmoid(i)), change("f", sigmoid(f)), change("o", sigmoid(o))
        g = change("g", np.tanh(g))
        c = change("c", f * c + i * g)
        h = o * np.tanh(c)
        if cell == "lstm_proj":
            h = self.w[f"weight_hr{self.suffix}"] @ h
        return {"x": x, "i": i, "f": f, "g": g, "o": o, "c": c, "h": change("h", h)}

    @property
    def suffix(self):
        layer, direction, _ = self.place
        return f"_l{layer}" + ("_reverse" if direction == "backward" else "")

    def sums(self, x, h):
        """Return for each block the part of x and the part of h, with its bias."""
        end, H = self.suffix, self.case.hidden_size
        of_x, of_h = self.w[f"weight_ih{end}"] @ x, self.w[f"weight_hh{end}"] @ h
        if self.case.bias:
            of_x, of_h = of_x + self.w[f"bias_ih{end}"], of_h + self.w[f"bias_hh{end}"]
        return [(of_x[k : k + H], of_h[k : k + H]) for k in range(0, len(of_x), H)]

    def change(self, letter, values):
        layer, direction, t = self.place
        values = values.copy()
        for written in self.edits:
            here = range(self.case.layers)[written["layer"]] == layer
            steps = chosen(written["steps"], self.case.steps).tolist()
            if written["letter"] == letter and here and written["direction"] == direction:
                units = chosen(written["units"], len(values))
                new = np.asarray(written["value"])
                new = new[:, None] if new.ndim == 2 else new
                new = np.broadcast_to(new, (len(steps), self.case.samples, len(units)))
                if t in steps:
                    values[units] = new[steps.index(t), self.sample]
        return values


def chosen(places, count: int):
    return np.atleast_1d(np.arange(count)[slice(None) if places is None else places])


def check(case: Case, edits: list[dict]) -> None:
    """Every gate, state, input and output of every sample is the loop's."""
    module, inputs, state = case.module(), case.inputs(), case.state()
    recording = record(module, inputs, state, edits=[gv.Edit(**written) for written in edits])
    assert len(recording.edits) == len(edits)
    single = {"rtol": 2e-5, "atol": 2e-5}
    close = CLOSE if case.dtype is torch.float64 else single
    for sample, (x, h, c) in enumerate(samples(case, state)):
        loop, output = Loop(case, module, edits, sample).run(x, h, c)
        for key, rows in loop.items():
            trace = recording.trace(*key).sample(sample)
            recorded = {"x": trace.inputs, **trace.gates}
            recorded |= {name: trace.after(name) for name in trace.states}
            assert recorded.keys() == rows.keys()
            for letter, values in rows.items():
                np.testing.assert_allclose(recorded[letter], values, **close, err_msg=letter)
            for name, final in zip("hc", states_of(recording), strict=False):
                at = [*loop].index(key)
                last = rows[name][-1 if key[1] == "forward" else 0]
                index = (at,) if case.layout == "unbatched" else (at, sample)
                np.testing.assert_allclose(final[index], last, **close)
        got = recording.output
        if case.layout != "unbatched":
            got = got[sample] if case.batch_first and case.layout == "batched" else got[:, sample]
        np.testing.assert_allclose(got[: len(output)], output, **close)


def samples(case: Case, state):
    """Yield the inputs (T, I) and first states (layers × directions, ·) of each sample."""
    count = case.layers * (1 + case.bidirectional)
    size = 2 if case.cell == "lstm_proj" else case.hidden_size
    for k in range(case.samples):
        if case.layout in LENGTHS:
            x = case.random(f"x{k}", (case.ends[k], case.input_size))
        else:
            x = case.inputs()
            if case.layout != "unbatched":
                x = x[k] if case.batch_first else x[:, k]
        h = np.zeros((count, size))
        c = np.zeros((count, case.hidden_size)) if case.cell.startswith("lstm") else None
        if state is not None:
            parts = state if isinstance(state, tuple) else (state,)
            parts = [p.double() if case.layout == "unbatched" else p[:, k].double() for p in parts]
            h, c = parts[0].numpy(), None if c is None else parts[1].numpy()
        yield x.double().numpy(), h, c


@st.composite
def cases_with_edits(draw):
    layout = draw(st.sampled_from(["batched", "unbatched", *LENGTHS]))
    packed = layout in LENGTHS
    case = Case(
        cell=draw(st.sampled_from([*LETTERS])),
        layers=draw(st.integers(1, 2)),
        bidirectional=draw(st.booleans()),
        batch_first=draw(st.booleans()),
        bias=draw(st.booleans()),
        dtype=draw(st.sampled_from([torch.float64, torch.float64, torch.float32])),
        layout=layout,
        given_state=draw(st.booleans()),
        steps=6 if packed else draw(st.integers(1, 6)),
        samples=1 if layout == "unbatched" else 4 if packed else draw(st.integers(1, 3)),
        input_size=3 if packed else draw(st.integers(1, 4)),
        hidden_size=draw(st.integers(3, 5)),
        seed=draw(st.integers(0, 9)),
    )
    return case, draw(st.lists(written_edits(case), min_size=1, max_size=4))


def places(count: int):
    """Return all, one, some, or a slice of ``count`` steps or units, also from the end."""
    numbers = st.integers(-count, count - 1)
    several = st.lists(numbers, min_size=1, max_size=count, unique_by=lambda n: n % count)
    part = st.tuples(st.integers(0, count - 1), st.integers(1, count), st.sampled_from([1, -1]))
    slices = part.map(lambda p: slice(p[0], p[0] + p[1]) if p[2] > 0 else slice(-p[1], None))
    return st.one_of(st.none(), numbers, several, slices)


@st.composite
def written_edits(draw, case: Case):
    letter, layer = draw(st.sampled_from(LETTERS[case.cell])), draw(st.integers(0, case.layers - 1))
    directions = ("forward", "backward")[: 1 + case.bidirectional]
    size = case.hidden_size
    if letter == "h" and case.cell == "lstm_proj":
        size = 2
    if letter == "x":
        below = 2 if case.cell == "lstm_proj" else case.hidden_size
        size = case.input_size if layer == 0 else below * len(directions)
    steps, units = draw(places(case.steps)), draw(places(size))
    wide = (len(chosen(steps, case.steps)), case.samples, len(chosen(units, size)))
    if case.samples > 1 and wide[0] == 1 and draw(st.booleans()):
        shape = wide[:1] + (1,) * draw(st.integers(0, 1)) + wide[2:]
    else:
        shape = draw(st.sampled_from([(), wide[2:], (1, wide[2]), (wide[0], 1), wide]))
    value = np.random.default_rng(draw(st.integers(0, 99))).normal(0, 0.7, shape)
    return {
        "letter": letter,
        "value": float(value) if shape == () else value,
        "steps": steps,
        "units": units,
        "layer": layer - draw(st.sampled_from([0, case.layers])),
        "direction": draw(st.sampled_from(directions)),
    }


@settings(max_examples=150, derandomize=True)
@given(cases_with_edits())
def test_an_independent_loop_gives_the_same(drawn):
    check(*drawn)


@pytest.mark.parametrize("cell", LETTERS)
@pytest.mark.parametrize("layout", ["batched", "packed"])
def test_each_letter_in_each_layer_and_direction(cell, layout):
    case = Case(cell, 2, True, layout=layout, dtype=torch.float64, given_state=True)
    for letter in LETTERS[cell]:
        for layer, direction in [(0, "forward"), (0, "backward"), (1, "backward")]:
            place = {"units": [0, 1], "layer": layer, "direction": direction}
            check(case, [{"letter": letter, "value": 0.3, "steps": [1, 4], **place}])


@pytest.mark.parametrize("kind", ["LSTMCell", "GRUCell", "RNNCell"])
@pytest.mark.parametrize("batched", [True, False])
def test_one_step_of_torchs_cells(kind, batched):
    cell = getattr(nn, kind)(3, 5).double()
    x = torch.randn(*([4] if batched else []), 3, dtype=torch.float64)
    recording = record(cell, x, edits=[gv.Edit("h", 0.25, units=[1, 2])])
    plain, edited = record(cell, x).output, recording.output
    assert edited.shape == plain.shape
    np.testing.assert_array_equal(edited[..., 1:3], 0.25)
    np.testing.assert_allclose(np.delete(edited, [1, 2], -1), np.delete(plain, [1, 2], -1), **CLOSE)
    np.testing.assert_array_equal(states_of(recording)[0], edited)


@pytest.fixture
def mgu():
    register(MGU)
    yield MGU
    del CELLS["mgu"]


def test_a_cell_that_torch_lacks_is_edited_by_its_equations(mgu):
    module, x = fresh("mgu", 2, 4, seed=3).double(), torch.randn(7, 3, 2, dtype=torch.float64)
    assert isinstance(module, StepModule)
    plain = record(module, x).trace()
    trace = record(module, x, edits=[gv.Edit("f", 1, steps=slice(4, None))]).trace()
    np.testing.assert_allclose(trace.states["h"][:5], plain.states["h"][:5], **CLOSE)
    for row in trace.states["h"][5:]:  # f = 1 keeps the state
        np.testing.assert_array_equal(row, trace.states["h"][4])


@pytest.mark.parametrize("cell", LETTERS)
def test_without_a_replacement_the_equations_are_the_cells_step(cell):
    case = Case(cell, dtype=torch.float64, given_state=True)
    network, state = read_module(case.module()), case.state()
    h, c = (state[0][0], state[1][0]) if isinstance(state, tuple) else (state[0], None)
    with torch.no_grad():
        arguments = (network.cell, case.inputs(), h, c, network.weights[0, "forward"])
        ours, theirs = edited_scan(*arguments, {}), step_scan(*arguments)
    for name, gate in theirs.gates.items():
        np.testing.assert_allclose(ours.gates[name], gate, rtol=0, atol=1e-15)
    np.testing.assert_allclose(ours.h, theirs.h, rtol=0, atol=1e-15)


@pytest.mark.parametrize("cell", LETTERS)
@pytest.mark.parametrize("layout", ["batched", "unbatched", *LENGTHS])
def test_patching_in_its_own_state_changes_nothing(cell, layout):
    """So an edited recording whose edits say nothing new equals torch.nn."""
    case = Case(cell, 2, True, batch_first=True, layout=layout, given_state=True)
    module, inputs = case.module(), case.inputs()
    plain = record(module, inputs, case.state())
    value = np.nan_to_num(plain.trace(0, "backward").after("h")[3])
    edit = gv.Edit("h", value, steps=3, layer=0, direction="backward")
    edited = record(module, inputs, case.state(), edits=[edit])
    np.testing.assert_allclose(edited.output, plain.output, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_state_of_another_recording_brings_its_future(cell):
    """From the patch on, both read the same, so the rest is the other recording's."""
    case = Case(cell, dtype=torch.float64)
    module, inputs = case.module(), case.inputs()
    other = inputs.clone()
    other[:3] = torch.randn(3, 4, 3, dtype=torch.float64)
    there = record(module, other).trace()
    edits = [gv.Edit(name, there.after(name)[2], steps=2) for name in there.states]
    trace = record(module, inputs, edits=edits).trace()
    np.testing.assert_allclose(trace.after("h")[2:], there.after("h")[2:], **CLOSE)
    assert np.abs(trace.after("h")[1] - there.after("h")[1]).max() > 0.01


def test_f_and_i_at_0_are_c_at_0():
    case = Case("lstm", 2, True, dtype=torch.float64)
    module, inputs = case.module(), case.inputs()
    gates = record(module, inputs, edits=[gv.Edit("f", 0, 3), gv.Edit("i", 0, 3)])
    state = record(module, inputs, edits=[gv.Edit("c", 0, 3)])
    np.testing.assert_array_equal(gates.output, state.output)
    assert np.abs(gates.output - record(module, inputs).output).max() > 0.01
    assert not gates.trace().states["c"][4].any()


def test_later_edits_win():
    case = Case("gru", dtype=torch.float64)
    first, second = gv.Edit("z", 0, steps=slice(0, 4)), gv.Edit("z", 1, steps=slice(2, 6), units=0)
    z = record(case.module(), case.inputs(), edits=[first, second]).trace().gates["z"]
    assert (z[:4, :, 1:] == 0).all()
    assert (z[:2, :, 0] == 0).all()
    assert (z[2:, :, 0] == 1).all()


def test_dropout_draws_what_it_draws_without_edits():
    torch.manual_seed(0)
    module, x = nn.LSTM(3, 5, 2, dropout=0.5), torch.randn(6, 4, 3)
    outputs = []
    for edits in ([], [gv.Edit("h", 5.0, steps=5, layer=1)]):
        torch.manual_seed(1)
        outputs.append(record(module, x, edits=edits).output)
    np.testing.assert_allclose(outputs[0][:5], outputs[1][:5], atol=1e-6)
    assert (outputs[1][5] == 5).all()


def test_a_recording_without_edits_is_as_before():
    case = Case()
    module, inputs = case.module(), case.inputs()
    plain = record(module, inputs, edits=[])
    np.testing.assert_array_equal(plain.output, record(module, inputs).output)
    assert plain.edits == ()
    assert "edited" not in repr(plain)
    assert not any("Edited" in note for note in plain.notes)


LSTM, BOTH, GRU = nn.LSTM(3, 5, 2), nn.LSTM(3, 5, bidirectional=True), nn.GRU(3, 5)
X = torch.zeros(6, 4, 3)
WRONG = {
    "letter": (GRU, gv.Edit("f", 0), "the GRU has no 'f', expected one of r, z, n, h, x"),
    "c of a GRU": (GRU, gv.Edit("c", 0), "the GRU has no 'c', expected one of r, z, n, h, x"),
    "gate of an RNN": (nn.RNN(3, 5), gv.Edit("f", 0), "has no 'f', expected one of h, x"),
    "m": (LSTM, gv.Edit("m", 0), "has no 'm', expected one of i, f, g, o, c, h, x"),
    "layer": (LSTM, gv.Edit("f", 0, layer=2), "layer 2 does not exist: layers are -2 to 1"),
    "layer -3": (LSTM, gv.Edit("f", 0, layer=-3), "layer -3 does not exist"),
    "backward": (LSTM, gv.Edit("f", 0, direction="backward"), "the module only reads forward"),
    "step": (
        LSTM,
        gv.Edit("f", 0, 6),
        "step 6 does not exist: steps are 0 to 5, or -6 to -1 count",
    ),
    "step -7": (LSTM, gv.Edit("f", 0, [0, -7]), "step -7 does not exist: steps are 0 to 5, or -6"),
    "empty slice": (LSTM, gv.Edit("f", 0, slice(6, 9)), "slice(6, 9) holds no step: steps are"),
    "unit": (
        LSTM,
        gv.Edit("f", 0, units=5),
        "unit 5 does not exist: units are 0 to 4, or -5 to -1",
    ),
    "feature": (LSTM, gv.Edit("x", 0, units=3, layer=0), "unit 3 does not exist: units are 0 to 2"),
    "projected": (
        nn.LSTM(3, 5, proj_size=2),
        gv.Edit("h", 0, units=2),
        "unit 2 does not exist: units are 0 to 1, or -2 to -1",
    ),
    "step twice": (LSTM, gv.Edit("f", 0, [5, -1]), "steps: expected each step once, got 5 twice"),
    "shape": (
        LSTM,
        gv.Edit("f", np.zeros((2, 4)), [1, 2]),
        "value has shape (2, 4), expected one that broadcasts to (2, 5), (steps, units) or"
        " (2, 4, 5), (steps, B, units)",
    ),
    "samples": (LSTM, gv.Edit("f", np.zeros((3, 5)), 1), "value has shape (3, 5), expected one"),
}


@pytest.mark.parametrize(("module", "edit", "says"), WRONG.values(), ids=WRONG)
def test_what_does_not_exist_is_refused(module, edit, says):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        record(module, X, edits=[edit])
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_value_for_each_sample_needs_a_batch():
    with pytest.raises(ValueError, match=r"value has shape \(1, 4, 5\), expected .* \(1, 5\)"):
        record(LSTM, X[:, 0], edits=[gv.Edit("f", np.zeros((1, 4, 5)), 1)])


@pytest.mark.parametrize(
    ("edits", "says"),
    [
        (gv.Edit("f", 0), "edits: expected a list such as"),
        ("f@25=0", "edits: expected a list such as"),
        ({"letter": "f"}, "edits: expected a list such as"),
        (None, "edits: expected a list such as"),
        ([{"letter": "f", "value": 0}], "edits: expected gv.Edit objects, got {'letter"),
    ],
)
def test_other_things_than_edits_are_refused(edits, says):
    with pytest.raises(TypeError) as caught:
        record(LSTM, X, edits=edits)
    assert says in str(caught.value)


def test_too_many_edits_are_refused():
    with pytest.raises(ValueError, match="edits of a recording: 1,001 is outside"):
        record(LSTM, X, edits=[gv.Edit("f", 0)] * 1_001)


@pytest.mark.parametrize(
    ("edit", "outside"),
    [
        (gv.Edit("f", 0), False),
        (gv.Edit("f", 1), False),
        (gv.Edit("f", 1.01), True),
        (gv.Edit("f", [0.5, -0.1]), True),
        (gv.Edit("g", -1), False),
        (gv.Edit("g", -1.5), True),
        (gv.Edit("c", 99), False),
        (gv.Edit("x", 99), False),
        (gv.Edit("z", 99), False),  # the LSTM has none
    ],
)
def test_a_value_that_no_gate_has_is_flagged(edit, outside):
    assert edit.outside("lstm") is outside
    assert edit.outside(CELLS["lstm"]) is outside
    assert bool(edit.range_warning("lstm")) is outside


def test_a_value_that_no_gate_has_is_allowed_and_noted():
    recording = record(LSTM, X, edits=[gv.Edit("f", 2, 3, layer=0), gv.Edit("c", 9, 3)])
    assert (recording.trace(0).gates["f"][3] == 2).all()
    assert recording.notes[-2:] == (
        "Edited, so these are not the module's own numbers: f = 2 at step 3, layer 0; c = 9 at"
        " step 3, layer 1.",
        "f = 2 is outside the gate's range 0 to 1. No input could make the cell do this.",
    )
    assert repr(recording).endswith(recording.notes[-1])
    assert "outside" not in repr(record(LSTM, X, edits=[gv.Edit("f", 1), gv.Edit("c", 9)]))
    with pytest.raises(ValueError, match="cell: expected one of"):
        gv.Edit("f", 2).outside("lstmx")


def test_an_edited_recording_says_so_in_its_name_its_page_and_its_file(tmp_path):
    edits = [gv.Edit("f", 0, steps=3), gv.Edit("c", -1, steps=[1, 2], units=[0, 4])]
    recording = record(BOTH, X, edits=[*edits, gv.Edit("h", np.ones((6, 4, 5)), layer=0)])
    named = "edited: f = 0 at step 3; c = -1 at steps 1 to 2, units 0 and 4; 1 more"
    assert repr(recording).endswith(f"float32, {named})")
    recording.to_html(tmp_path / "a.html", title="Mine")
    assert f"<title>Mine, {named}</title>" in (tmp_path / "a.html").read_text(encoding="utf-8")
    recording.save(tmp_path / "a.safetensors")
    loaded = load(tmp_path / "a.safetensors")
    assert loaded.edits == recording.edits
    assert repr(loaded) == repr(recording)
    assert loaded.notes == recording.notes


def test_the_player_of_one_sample_gets_the_values_of_that_sample():
    value = np.arange(20.0).reshape(1, 4, 5)
    recording = record(GRU, X, edits=[gv.Edit("h", value, 3), gv.Edit("z", 0.5, 2)])
    first, second = recording._panel(0, "forward", 2, None, None, None, None).edits
    assert first["value"] == [value[0, 2].tolist()]
    assert (first["steps"], second["value"]) == ([3], 0.5)


def test_the_player_of_a_short_sample_gets_what_acts_on_its_steps():
    """Later steps exist only in other samples of the packed batch."""
    packed = nn.utils.rnn.pack_sequence([torch.ones(4, 3), torch.ones(2, 3)])
    rows = np.arange(3.0).reshape(3, 1)
    edits = [gv.Edit("z", rows, [1, 3, 0]), gv.Edit("r", 0.5, 3), gv.Edit("h", 0.1)]
    recording = record(GRU, packed, edits=edits)
    long, short = (recording._panel(0, "forward", k, None, None, None, None).edits for k in (0, 1))
    assert [edit["steps"] for edit in long] == [[1, 3, 0], [3], None]
    assert [edit["letter"] for edit in short] == ["z", "h"]
    assert short[0]["steps"] == [1, 0]
    assert [row[0] for row in short[0]["value"]] == [0.0, 2.0]
    trace = recording.trace().sample(1)
    np.testing.assert_array_equal(trace.gates["z"], [[2.0] * 5, [0.0] * 5])


def test_a_trace_knows_whether_its_numbers_were_replaced(tmp_path):
    module = nn.GRU(3, 5, 2, bidirectional=True)
    edits = [gv.Edit("z", 0, 3, layer=0, direction="backward"), gv.Edit("x", 0, 3, layer=1)]
    recording = record(module, X, edits=edits)
    recording.save(tmp_path / "a")
    for one in (recording, load(tmp_path / "a")):
        edited = {key: trace.edited for key, trace in one.traces.items()}
        assert edited == {key: key == (0, "backward") for key in one.traces}
        assert repr(one.trace(0, "backward")).endswith("float32, edited)")
        assert one.trace(0, "backward").sample(1).edited
    for wrong in (gv.jacobians, gv.singular_values):
        assert np.isfinite(wrong(recording.trace(1))).all()
        with pytest.raises(ValueError, match="the trace is edited, so its states don't follow"):
            wrong(recording.trace(0, "backward"))


@pytest.mark.parametrize("value", [1e39, [[0.5], [-1e300]]])
def test_a_value_beyond_the_modules_dtype_is_refused(value):
    """In float32 it would act as infinity, which the recording's notes would not say."""
    module, inputs = nn.LSTM(3, 5), torch.zeros(4, 2, 3)
    edits = [gv.Edit("c", value, steps=[1, 2], units=0)]
    with pytest.raises(ValueError, match=r"fit into torch\.float32, expected at most 3\.4e"):
        record(module, inputs, edits=edits)
    found = record(module.double(), inputs.double(), edits=edits).trace().states["c"]
    assert found[3, 0, 0] == np.ravel(value)[-1]
