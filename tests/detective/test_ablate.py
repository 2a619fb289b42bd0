"""What breaks without a unit: hand-made models, and torch.nn with the unit's weights removed."""

import copy
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import gatesviz as gv
from gatesviz.detective import Ablation
from gatesviz.detective.packed import ablate_packed, pack
from gatesviz.detective.properties import bracket_depth, for_texts, last_letter, spell
from gatesviz.detective.scores import NextEntry
from gatesviz.experiments.what_if import fresh_sequences
from gatesviz.tasks import Batch
from tests.detective.made import counter, latch, one_hot, texts


def probe(batch: int = 50, length: int = 12):
    """Return the counter with the share of right depths as the score of each sequence."""
    module, readout = counter()
    written = texts(batch, length)
    depth = torch.tensor(for_texts(bracket_depth, written))

    def score(output):
        return (output[..., 0].round() == depth).double().mean(0)

    return (module, readout, one_hot(written), score), depth


def test_only_the_unit_that_is_read_out_matters():
    model, depth = probe()
    ablated = gv.ablate(model)
    assert [each.unit for each in ablated] == [1, 0, 2, 3]
    assert ablated[0].unchanged == 1
    right = (depth == 0).double().mean(0).numpy()  # without it the answer is always 0
    assert ablated[0].score == pytest.approx(right.mean())
    np.testing.assert_allclose(ablated[0].harm.values, 1 - right)
    assert ablated[0].harm.estimate == pytest.approx(1 - right.mean())
    assert ablated[0].harm.low < 1 - right.mean() < ablated[0].harm.high
    for each in ablated[1:]:
        assert (each.score, each.harm.low, each.harm.high, each.letter) == (1, 0, 0, "h")
    assert "0 worse, 95 % interval 0 to 0" in str(ablated[1])


def test_correlation_and_ablation_disagree_on_the_idle_copy():
    model, depth = probe()
    recording = gv.record(model[0], model[2])
    ranked, ablated = gv.rank(recording, depth), gv.ablate(model)
    verdict = gv.confirm(ranked, ablated)
    assert verdict.answer == "no"
    lost = f"{ablated[0].harm.estimate:.3g} worse,"
    assert verdict.sentence.startswith(
        "The two measurements disagree: unit 0 tracks the property best (|r| = 1.00), but"
        " without it the model does as well: score 1 (0 worse"
    )
    equally = "Unit 1, which tracks it equally well (|r| = 1.00), matters more: without it"
    assert equally in verdict.sentence
    assert verdict.sentence.count("equally") == 1
    assert lost in verdict.sentence
    alone = gv.confirm(ranked, gv.ablate(model, [0, 2]))
    assert (alone.answer, "matters more" in alone.sentence) == ("no", False)
    assert alone.sentence.endswith(" Unit 1 tracks it equally well (|r| = 1.00).")


def test_where_the_best_unit_is_needed_but_another_one_more_the_sentence_says_so_first():
    """Units 0 and 1 count; the readout takes a tenth of its answer from unit 0."""
    model, depth = probe()
    module, readout, inputs, _ = model
    with torch.no_grad():
        weight = readout.weight[0, 1].item()
        readout.weight[0, 0], readout.weight[0, 1] = weight / 10, weight * 0.9

    def bits(output):
        return (output[..., 0] - depth).abs().mean(0)

    ranked = gv.rank(gv.record(module, inputs), depth)
    ablated = gv.ablate((module, readout, inputs, bits, "lower"))
    ablated = [replace(each, metric="bits per character") for each in ablated]
    by_unit = {each.unit: each for each in ablated}
    expected = depth.double().mean().item() / 10  # of an answer that is a tenth too small
    assert by_unit[0].harm.estimate == pytest.approx(expected, rel=1e-4)
    verdict = gv.confirm(ranked, ablated)
    assert verdict.answer == "no"
    assert verdict.sentence.startswith(
        "The two measurements disagree: the model needs unit 1 more. Unit 0 tracks the property"
        " best (|r| = 1.00), and without it the model gets worse: bits per character"
    )
    lost = f"({by_unit[0].harm.estimate:.3g} bits per character worse, 95 % interval"
    assert lost in verdict.sentence
    assert "per sequence" not in verdict.sentence


@pytest.mark.parametrize(("holding", "answer"), [(0, "yes"), (2, "no")])
def test_a_latch_and_its_copy(holding, answer):
    model = latch(holding)
    batch = fresh_sequences(model, 60)
    written = spell(batch.inputs, model.vocabulary)
    labels = for_texts(lambda text: last_letter(text, "AB"), written)
    ranked = gv.rank(gv.record(model.module(), batch.inputs), labels, letter="c")
    assert [(each.unit, each.measure, each.sign) for each in ranked[:2]] == [(0, 1, -1), (2, 1, -1)]
    ablated = gv.ablate(model, sequences=60)
    assert (ablated[0].unit, ablated[0].letter) == (holding, "c")
    assert (ablated[0].unchanged, ablated[0].metric) == (1, "accuracy")
    assert ablated[0].score == pytest.approx(0.5, abs=0.2)
    verdict = gv.confirm(ranked, ablated)
    assert verdict.answer == answer
    assert f"100.0 % → {100 * ablated[0].score:.1f} %" in verdict.sentence or answer == "no"
    assert "percentage points worse, 95 % interval" in verdict.sentence
    tie = "Unit 2 tracks it equally well (2·|AUC − ½| = 1.00)."
    assert (tie in verdict.sentence) == (answer == "yes")  # else it is the one that matters more
    few = gv.confirm(ranked, gv.ablate(model, sequences=2))
    assert (few.answer, tie in few.sentence) == ("cannot tell", True)


@pytest.mark.parametrize("name", ["recall-lstm", "recall-gru", "wave-rnn"])
def test_a_packaged_model_scores_as_torch_does_without_the_weights_of_the_unit(name):
    model = gv.load_trained(name)
    batch = fresh_sequences(model, 30, seed=4)
    found = gv.ablate(model, [2, 0], sequences=30, seed=4)
    assert {each.unit for each in found} == {0, 2}
    for each in found:
        module, readout = copy.deepcopy(model.module), copy.deepcopy(model.readout)
        with torch.no_grad():
            plain = readout(module(batch.inputs)[0])
            module.weight_hh_l0[:, each.unit] = 0  # h of the unit reaches nothing any more
            readout.weight[:, each.unit] = 0
            output = readout(module(batch.inputs)[0])
        assert each.unchanged == pytest.approx(model.task.score(plain, batch), rel=1e-5)
        assert each.score == pytest.approx(model.task.score(output, batch), rel=1e-4)
        assert each.harm.n == 30
        parts = [Batch(*(part[:, k : k + 1] for part in batch)) for k in range(30)]
        scores = [
            [model.task.score(answers[:, k : k + 1], parts[k]) for k in range(30)]
            for answers in (plain, output)
        ]
        harm = np.subtract(*scores) * (1 if model.task.better == "higher" else -1)
        np.testing.assert_allclose(each.harm.values, harm, atol=1e-5)
        sign = 1 if model.task.better == "lower" else -1  # an RMSE over all is no mean of RMSEs
        assert each.harm.estimate == pytest.approx(sign * (each.score - each.unchanged), rel=1e-5)
        assert each.harm.low <= each.harm.estimate <= each.harm.high
    assert found[0].harm.estimate > max(0, found[1].harm.estimate)


def test_off_at_the_mean_keeps_a_constant_unit():
    module, readout = counter()
    with torch.no_grad():
        readout.weight[0, 3] = 1  # reads a unit that is always 2
    inputs = one_hot(texts(8, 6))

    def score(output):
        return -output.abs().mean((0, 2))

    at_zero = gv.ablate((module, readout, inputs, score), [3])[0]
    at_mean = gv.ablate((module, readout, inputs, score), [3], off="mean")[0]
    assert (at_zero.off, at_zero.harm.estimate) == (0, pytest.approx(-2))
    assert "2 better, 95 % interval 2 to 2" in at_zero.harm_text
    assert (at_mean.off, at_mean.harm.estimate) == (2, 0)
    lower = (module, readout, inputs, lambda output: output.abs().mean((0, 2)), "lower")
    assert gv.ablate(lower, [3])[0].harm.estimate == pytest.approx(-2)


def test_layers_directions_and_packed_sequences():
    torch.manual_seed(0)
    module, readout = torch.nn.GRU(3, 4, 2, bidirectional=True), torch.nn.Linear(8, 1)
    inputs = one_hot(texts(7, 9))
    packed = torch.nn.utils.rnn.pack_padded_sequence(inputs, [9, 8, 7, 6, 5, 4, 3])

    def score(output):
        return output[:, :, 0].nansum(0)

    model = module, readout, packed, score
    (found,) = gv.ablate(model, [1], layer=0, direction="backward")
    assert (found.layer, found.direction) == (0, "backward")
    with torch.no_grad():
        module.weight_hh_l0_reverse[:, 1] = 0
        for weight in (module.weight_ih_l1, module.weight_ih_l1_reverse):
            weight[:, 4 + 1] = 0
        output = torch.nn.utils.rnn.pad_packed_sequence(module(packed)[0])[0]
        expected = score(readout(output).where(output.any(-1, keepdim=True), torch.nan))
    assert found.score == pytest.approx(float(expected.mean()), rel=1e-4)
    assert found.unchanged != pytest.approx(found.score, rel=1e-4)


def test_a_score_below_one_is_never_written_as_all():
    (found,) = gv.ablate(latch(0), [1], sequences=10)
    assert found.score_text(1.0) == "100.0 %"
    assert found.score_text(0.99999) == "99.9 %"
    assert found.score_text(0.5) == "50.0 %"


def test_few_sequences_cannot_tell():
    for batch, sequences in ((5, "5 sequences are"), (1, "1 sequence is")):
        model, depth = probe(batch=batch)
        ranked = gv.rank(gv.record(model[0], model[2]), depth)
        verdict = gv.confirm(ranked, gv.ablate(model))
        assert verdict.answer == "cannot tell"
        expected = f"but {sequences} too few to say what it does. Use at least 6."
        assert expected in verdict.sentence


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda m: gv.ablate(m[0]), TypeError, "model: expected a trained model, got a RNN"),
        (lambda m: gv.ablate(m[:3]), TypeError, "expected (module, readout, inputs, score)"),
        (lambda m: gv.ablate((*m[:3], 1)), TypeError, "readout and score are functions"),
        (lambda m: gv.ablate(m, [4]), ValueError, "unit 4 does not exist: units are 0 to 3"),
        (lambda m: gv.ablate(m, [-1]), ValueError, "unit -1 does not exist"),
        (lambda m: gv.ablate(m, []), ValueError, "units: expected at least one, got none"),
        (lambda m: gv.ablate(m, "1"), TypeError, "units: expected a list of numbers, got '1'"),
        (lambda m: gv.ablate(m, 1), TypeError, "units: expected a list of numbers, got 1"),
        (lambda m: gv.ablate(m, [0.5]), TypeError, "unit: expected a whole number, got 0.5"),
        (lambda m: gv.ablate(m, layer=1), ValueError, "layer 1 does not exist"),
        (lambda m: gv.ablate(m, direction="x"), ValueError, "direction 'x' was not recorded"),
        (lambda m: gv.ablate(m, off="x"), ValueError, "off: expected a finite number or 'mean'"),
        (lambda m: gv.ablate(m, off=np.nan), ValueError, "off: expected a finite number"),
        (lambda m: gv.ablate((*m, "up")), ValueError, "better: expected 'higher' or 'lower'"),
        (
            lambda m: gv.ablate((*m[:3], lambda output: output.mean())),
            ValueError,
            "score: expected one number for each sequence, shape (B,)",
        ),
        (
            lambda m: gv.ablate((*m[:3], lambda output: output[0, :, 0] / 0)),
            ValueError,
            "score: expected finite numbers, got",
        ),
        (
            lambda m: gv.ablate((*m[:3], lambda output: torch.zeros(2001))),
            ValueError,
            "sequences of a what-if experiment: 2,001",
        ),
        (lambda m: gv.ablate(latch(0), sequences=0), ValueError, "sequences of a what-if"),
        (lambda m: gv.confirm([], []), ValueError, "expected the results of rank and of ablate"),
    ],
)
def test_refusals(call, error, sentence):
    with pytest.raises(error) as caught:
        call(probe(7, 5)[0])
    assert sentence in str(caught.value)


def test_confirm_asks_for_the_best_unit_in_its_layer():
    model, depth = probe(8)
    ranked = gv.rank(gv.record(model[0], model[2]), depth)
    with pytest.raises(ValueError, match="unit 0 tracks the property best, but it was not switch"):
        gv.confirm(ranked, gv.ablate(model, [1]))
    torch.manual_seed(0)
    deep = torch.nn.RNN(3, 4, 2)
    in_first = gv.rank(gv.record(deep, model[2]), depth, layer=0)
    with pytest.raises(ValueError, match="ranked in layer 0 forward, switched off in layer 1"):
        gv.confirm(in_first, gv.ablate((deep, *model[1:])))
    projected = torch.nn.LSTM(3, 4, proj_size=2)
    ablated = gv.ablate((projected, torch.nn.Linear(2, 1), *model[2:]))
    recording = gv.record(projected, model[2])
    with pytest.raises(ValueError, match="ranked 2 units of h, switched off 4 units of c"):
        gv.confirm(gv.rank(recording, depth), ablated)
    assert (
        "tracks the property best" in gv.confirm(gv.rank(recording, depth, "c"), ablated).sentence
    )
    assert gv.confirm(ranked[3:], gv.ablate(model, [3])).answer == "cannot tell"


def test_confirm_tests_every_unit_not_only_the_largest_estimate():
    model, depth = probe(8)
    ranked = gv.rank(gv.record(model[0], model[2]), depth)
    by_unit = {one.unit: one for one in gv.ablate(model)}

    def harming(unit: int, estimate: float, low: float, high: float) -> Ablation:
        one = by_unit[unit]
        return replace(one, harm=replace(one.harm, estimate=estimate, low=low, high=high))

    first, second, third = (each.unit for each in ranked[:3])
    effect, unsure = harming(first, 0.2, 0.1, 0.3), harming(second, 0.9, -1.0, 2.0)
    assert gv.confirm(ranked, [effect, unsure]).answer == "yes"
    verdict = gv.confirm(ranked, [effect, unsure, harming(third, 0.5, 0.4, 0.6)])
    assert verdict.answer == "no"
    assert f"Unit {third}, which tracks it" in verdict.sentence


def test_a_packed_model_gives_the_same_results():
    for model in (latch(holding=2), gv.load_trained("recall-gru")):
        packed = pack(model)
        assert ablate_packed(packed, [1], sequences=40) == gv.ablate(model, [1], sequences=40)


@pytest.mark.parametrize(
    ("unit", "unchanged", "score", "written"),
    [
        ("", 4.80912, 4.81104, ("4.809", "4.811")),
        ("", 4.8, 4.8, ("4.8", "4.8")),
        ("", 2.0, 2.0 + 1e-9, ("2", "2")),
        ("%", 0.87512, 0.87498, ("87.51 %", "87.50 %")),
        ("%", 1.0, 0.99996, ("100.0 %", "99.9 %")),
        ("%", 0.999, 0.12, ("99.9 %", "12.0 %")),
    ],
)
def test_scores_have_digits_enough_to_tell_them_apart(
    unit: str, unchanged: float, score: float, written: tuple[str, str]
) -> None:
    found = replace(
        gv.ablate(latch(holding=2), sequences=40)[0],
        unit_of_score=unit, unchanged=unchanged, score=score,
    )  # fmt: skip
    assert (found.score_text(unchanged), found.score_text(score)) == written
    assert f"{written[0]} → {written[1]}" in str(found)


def test_the_loss_of_an_opened_file_is_measured_as_the_docstring_says(tmp_path):
    """Against an own loop of the LSTM with c of the unit at 0."""
    torch.manual_seed(0)
    parts = nn.ModuleDict({"rnn": nn.LSTM(3, 4), "head": nn.Linear(4, 3)})
    torch.save({"state_dict": parts.state_dict(), "chars": "abc"}, tmp_path / "m.pt")
    opened, text = gv.open_model(tmp_path / "m.pt"), "abcabbcaac" * 3
    read = opened.features(text)[:, None]
    entries = np.array([opened.vocabulary.index(one) for one in text])[:, None]
    given = opened.module, opened.readout, read, NextEntry(entries)
    found = {one.unit: one for one in gv.ablate(given, better="lower")}
    cell = nn.LSTMCell(3, 4)
    cell.load_state_dict({
        name.removesuffix("_l0"): value for name, value in parts["rnn"].state_dict().items()
    })  # fmt: skip
    following = torch.from_numpy(entries[1:, 0])
    for unit in range(4):
        gates = torch.ones(4)
        gates[unit] = 0
        h, c, hidden = torch.zeros(1, 4), torch.zeros(1, 4), []
        for step in read:
            h, c = cell(step, (h * gates, c * gates))
            hidden.append(h * gates)
        logits = parts["head"](torch.cat(hidden))[:-1]
        bits = nn.functional.cross_entropy(logits, following).item() / math.log(2)
        assert found[unit].score == pytest.approx(bits, rel=1e-5)
        assert found[unit].harm.estimate == pytest.approx(bits - found[unit].unchanged, rel=1e-4)
    with pytest.raises(TypeError, match="an opened file has no score"):
        gv.ablate(opened)
    with pytest.raises(ValueError, match="better: expected 'higher' or 'lower', got 'less'"):
        gv.ablate(given, better="less")
    with pytest.raises(ValueError, match="better: the model's task says"):
        gv.ablate(latch(0), better="lower")
