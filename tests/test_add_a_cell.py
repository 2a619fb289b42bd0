"""The recipe "Add a cell" of CONTRIBUTING, followed for a cell that torch.nn lacks."""

import contextlib
import io
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from gatesviz.cells import CELLS, Biases, Carried, Cell, Equation, TorchModule, register
from gatesviz.experiments.claims import Point
from gatesviz.figures import Curve, flow_curves, input_curves, seed_dots
from gatesviz.figures.style import curve_colour
from gatesviz.fresh import fresh
from gatesviz.gradients import gradient_flow, influence, jacobians
from gatesviz.recordings import load, record
from gatesviz.recordings.stepwise import StepModule
from gatesviz.training import TrainingSpec, advance, start
from gatesviz.training.script import to_script
from tests.equations import worked_out
from tests.minimal_gated_unit import MGU, OwnLoop
from tests.serving import ROOT

T, B = 7, 3


@pytest.fixture
def mgu():
    register(MGU)
    yield MGU
    del CELLS["mgu"]


def given(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=shape))


def test_its_recording_is_that_of_an_independent_loop(mgu):
    module, x, h = fresh("mgu", 2, 4, seed=3).double(), given(T, B, 2), given(1, B, 4, seed=1)
    trace = record(module, x, h).trace()
    with torch.no_grad():
        loop = OwnLoop(module)(x, h[0])
        output, last = module(x, h)
    for letter in "fn":
        wanted = torch.stack(loop[letter]).numpy()
        np.testing.assert_allclose(trace.gates[letter], wanted, rtol=0, atol=1e-14)
        assert np.ptp(wanted) > 0.1
    np.testing.assert_allclose(trace.states["h"], torch.stack(loop["h"]), rtol=0, atol=1e-14)
    np.testing.assert_allclose(output, trace.after("h"), rtol=0, atol=1e-15)
    np.testing.assert_allclose(last[0], trace.states["h"][-1], rtol=0, atol=1e-15)


@pytest.mark.parametrize("layout", ["unbatched", "packed", "batch first"])
def test_every_layout_layer_and_direction_is_recorded(mgu, layout, tmp_path):
    first = layout == "batch first"
    module = StepModule("mgu", 2, 3, 2, bidirectional=True, batch_first=first).double()
    samples = [given(n, 2, seed=n) for n in (4, 6, 2)]
    if layout == "packed":
        recording = record(module, nn.utils.rnn.pack_sequence(samples, enforce_sorted=False))
        for k, sample in enumerate(samples):
            alone = module(sample)[0].detach()
            np.testing.assert_allclose(recording.output[: len(sample), k], alone, atol=1e-14)
        recording.save(tmp_path / "mgu.safetensors")
        again = load(tmp_path / "mgu.safetensors").trace(1, "backward")
        np.testing.assert_array_equal(again.gates["n"], recording.trace(1, "backward").gates["n"])
        return
    x = given(5, 6, 2) if first else samples[1]
    recording, (output, state) = record(module, x), module(x)
    np.testing.assert_allclose(recording.output, output.detach(), atol=1e-14)
    np.testing.assert_allclose(recording.state, state.detach(), atol=1e-14)


def test_what_is_shown_is_what_ran(mgu):
    trace = record(fresh("mgu", 2, 4), given(T, B, 2).float()).trace()
    seen = []
    for target, computed, recorded in worked_out(trace):
        np.testing.assert_allclose(recorded, computed, rtol=0, atol=2e-6)
        seen.append(target)
    assert seen == ["f", "n", "h'"]


def test_it_trains_and_its_run_is_recorded(mgu):
    spec = TrainingSpec(task="recall", cell="mgu", hidden_size=8, length=5, forget_bias=1.0)
    begin = start(spec)
    state, snapshots = advance(begin, 60)
    assert state.stopped is None
    assert snapshots[-1].loss < 0.8 * snapshots[0].loss
    assert isinstance(state.module(), StepModule)
    assert spec.parameter_count == sum(p.numel() for p in state.module().parameters())
    bias = begin.module().state_dict()
    for_f = (bias["bias_ih_l0"] + bias["bias_hh_l0"])[:8]
    assert for_f.tolist() == [1.0] * 8
    again, _ = advance(advance(start(spec), 25)[0], 35)
    np.testing.assert_array_equal(again.weights, state.weights)


def test_its_script_makes_the_same_run(mgu):
    spec = TrainingSpec(task="recall", cell="mgu", hidden_size=4, length=5, chrono=True)
    _, snapshots = advance(start(spec), 3)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(to_script(spec, updates=3), "script", "exec"), {"__name__": "__main__"})
    losses = [float(line.split()[1]) for line in printed.getvalue().splitlines()[:3]]
    assert losses == [snapshot.loss for snapshot in snapshots]


def test_dropout_layers_and_carried_states_train(mgu):
    spec = TrainingSpec(task="recall", cell="mgu", hidden_size=4, length=5, layers=2, dropout=0.2)
    assert advance(start(spec), 2)[0].stopped is None


def test_its_gradients_are_autograds(mgu):
    module, x, h = fresh("mgu", 2, 4, seed=3).double(), given(T, B, 2), given(1, B, 4, seed=1)
    flow = gradient_flow(module, x, lambda y: (y[-1] ** 2).sum() + y[2].sum(), h)
    leaf_x, leaf_h = x.clone().requires_grad_(), h[0].clone().requires_grad_()
    loop = OwnLoop(module)(leaf_x, leaf_h)
    found = [*loop["h"], *loop["f"], *loop["n"], leaf_x]
    ((loop["h"][-1] ** 2).sum() + loop["h"][3].sum()).backward(inputs=found)
    layer = flow.layer()
    by = [each.grad.numpy() for each in found]
    np.testing.assert_allclose(layer.gradients["h"], by[: T + 1], atol=1e-13)
    np.testing.assert_allclose(layer.gates["f"], by[T + 1 : 2 * T + 1], atol=1e-13)
    np.testing.assert_allclose(layer.gates["n"], by[2 * T + 1 : 3 * T + 1], atol=1e-13)
    np.testing.assert_allclose(layer.inputs, by[-1], atol=1e-13)
    assert np.abs(by[0]).max() > 1e-3
    paths = layer.paths
    np.testing.assert_allclose(paths["carry"] + paths["gates"], layer.gradients["h"], atol=1e-13)
    carry = np.prod(layer.trace.gates["f"][3:], axis=0) * 2 * loop["h"][-1].detach().numpy()
    np.testing.assert_allclose(paths["carry"][3], carry + np.ones_like(carry), atol=1e-13)


def test_its_jacobians_and_influence_are_autograds(mgu):
    module, x = fresh("mgu", 2, 4, seed=3).double(), given(T, 2)
    trace = record(module, x).trace()
    loop = OwnLoop(module)
    for t in (0, 4, T):
        wanted = torch.autograd.functional.jacobian(
            lambda h, t=t: loop(x[t:, None], h[None])["h"][-1][0],
            torch.from_numpy(trace.states["h"][t].copy()),
        )
        np.testing.assert_allclose(jacobians(trace)[t], wanted, atol=1e-13)
    wanted = torch.autograd.functional.jacobian(
        lambda x: loop(x[:, None], torch.zeros(1, 4).double())["h"][-1][0, 1], x
    )
    found = influence(module, x, lambda y: y[-1, :2])
    np.testing.assert_allclose(found[1], np.linalg.norm(wanted, axis=-1), atol=1e-13)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"key": "gru"}, "its key is taken"),
        ({"blocks": ("n", "f")}, "blocks are .* expected the gates' letters"),
        ({"equations": MGU.equations[:2]}, r"equations are for .* expected one for each"),
        ({"equations": (*MGU.equations[:2], Equation("h'", "q * h"))}, "the equations use .'q'"),
        ({"states": ("h", "m")}, "states are"),
        ({"carried": Carried("c", "f")}, "carried is"),
        ({"biases": Biases(forget="i")}, "biases name .'i'., expected blocks"),
        ({"look": None}, "it is compared, so charts need its look"),
        (
            {"look": None, "compared": False, "further": True},
            "it is in menus, so charts need its look",
        ),
    ],
)
def test_a_forgotten_part_is_named(changes, sentence):
    with pytest.raises(ValueError, match=f"cell '.*': {sentence}"):
        register(replace(MGU, **changes))
    assert "mgu" not in CELLS


def test_a_letter_that_edits_need_is_refused():
    gates = (MGU.gates[0], replace(MGU.gates[1], letter="x"))
    with pytest.raises(ValueError, match=r"gates are called \['x'\], expected other letters"):
        register(replace(MGU, gates=gates, blocks=("f", "x")))


def test_a_letter_without_a_colour_names_the_step():
    gates = (replace(MGU.gates[0], letter="q"), MGU.gates[1])
    equations = tuple(
        Equation(each.target.replace("f", "q"), each.expression.replace("f", "q"))
        for each in MGU.equations
    )
    described = replace(
        MGU, gates=gates, blocks=("q", "n"), equations=equations, carried=None, biases=Biases()
    )
    with pytest.raises(ValueError, match=r"\['q'\] has no colour.*theme\.py \(step 2\)"):
        register(described)


def test_a_module_of_torch_without_a_scan_names_the_step(mgu, monkeypatch):
    module = fresh("mgu", 2, 4)
    monkeypatch.setitem(CELLS, "mgu", replace(MGU, module=TorchModule("GRU")))
    with pytest.raises(ValueError, match=r"no scan for it\. Add one \(step 4"):
        record(module, torch.zeros(T, 2))


def test_an_unknown_cell_is_never_another():
    with pytest.raises(ValueError, match=r"expected one of rnn_tanh, .*, got 'mgu'"):
        fresh("mgu", 2, 4)
    with pytest.raises(ValueError, match="mgu"):
        TrainingSpec(task="recall", cell="mgu")


def test_charts_draw_it_with_its_colour_and_symbol(mgu):
    points = [Point("MGU", "mgu", None, seed, float(seed)) for seed in range(4)]
    figure = seed_dots([*points, Point("LSTM", "lstm", None, 0, 2.0)])
    dots = {trace.name: trace.marker for trace in figure.data if trace.name}
    assert (dots["MGU"].color, set(dots["MGU"].symbol)) == (MGU.look.colour, {MGU.look.symbol})
    line = flow_curves([Curve("MGU, h", np.ones(4), "mgu")]).data[0]
    assert line.line.color == input_curves({"MGU": np.ones(4)}).data[0].line.color == "#117733"
    beside = seed_dots([replace(point, x=float(k)) for point in points for k in (1, 2)])
    [left, right] = (beside.data[0].x[k::2].mean() for k in (0, 1))
    assert 0 < -left < 0.5
    assert right == pytest.approx(left + 1, abs=1e-6)


@pytest.mark.parametrize("call", [seed_dots, lambda points: curve_colour(points[0].cell)])
def test_a_chart_of_an_unknown_cell_is_an_error(call):
    with pytest.raises(ValueError, match=r"expected one of rnn_tanh, .*, got 'mgu'"):
        call([Point("MGU", "mgu", None, 0, 1.0)])


def test_it_is_on_every_page(tmp_path):
    """Pages read the cells when they load, so a copy of the repository follows the recipe."""
    for name in ("gatesviz", "pages", "tests", ".streamlit"):
        unwanted = shutil.ignore_patterns("__pycache__", "browser")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=unwanted)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "gatesviz" / "cells.py").open("a", encoding="utf-8") as file:
        file.write("\n\nfrom tests.minimal_gated_unit import MGU\n\nregister(MGU)\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "tests/pages_with_an_added_cell.py"], cwd=tmp_path, capture_output=True,
        text=True, env={**os.environ, "PYTHONPATH": str(tmp_path)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("key", ["lstm", "gru", "rnn_tanh", "rnn_relu"])
@pytest.mark.parametrize("packed", [False, True])
def test_step_and_autograd_are_exact_for_torchs_cells(key, packed, monkeypatch):
    """The general scan and the general derivatives against the closed forms."""
    cell: Cell = replace(CELLS[key], key=f"{key} copy", module=None)
    monkeypatch.setitem(CELLS, cell.key, cell)
    theirs = fresh(key, 2, 4, layers=2, bidirectional=True, seed=2).double()
    ours = StepModule(cell.key, 2, 4, 2, bidirectional=True).double()
    ours.load_state_dict(theirs.state_dict())
    x = given(6, B, 2)
    if packed:
        x = nn.utils.rnn.pack_padded_sequence(x, [3, 6, 2], enforce_sorted=False)

    def loss(output, state):
        values = output.data if packed else output
        parts = state if isinstance(state, tuple) else (state,)
        return (values**3).sum() + sum((part**2).sum() for part in parts)

    flows = [gradient_flow(module, x, loss) for module in (theirs, ours)]
    assert flows[0].loss == pytest.approx(flows[1].loss, rel=1e-13)
    for key_of_layer, layer in flows[0].layers.items():
        other = flows[1].layers[key_of_layer]
        for what in ("gradients", "sums", "gates"):
            one, two = getattr(layer, what), getattr(other, what)
            assert list(one) == list(two)
            for name in one:
                np.testing.assert_allclose(
                    two[name], one[name], atol=1e-13, err_msg=f"{what} {name}"
                )
        if key != "lstm":
            for name, path in layer.paths.items():
                np.testing.assert_allclose(other.paths[name], path, atol=1e-13)
        else:
            with pytest.raises(ValueError, match=r"can't be split\. Write one in gatesviz"):
                _ = other.paths
    if not packed:
        traces = [flow.recording.trace().sample(1) for flow in flows]
        for state in (*traces[0].states, "all"):
            one, two = (jacobians(trace, state=state) for trace in traces)
            np.testing.assert_allclose(two, one, atol=1e-13)
