"""Layers that a file holds and that aren't opened: none of them makes another number an answer."""

from pathlib import Path

import pytest
import torch
from torch import nn

import gatesviz as gv
from gatesviz.model_files import choices_of


def opened(path: Path, parts: dict[str, nn.Module], **more) -> gv.OpenedModel:
    torch.save(nn.ModuleDict(parts).state_dict(), path / "model.pt")
    return gv.open_model(path / "model.pt", **more)


def test_the_first_layer_of_two_is_no_readout(tmp_path):
    head = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Dropout(), nn.Linear(32, 3))
    parts = {"rnn": nn.GRU(4, 6, bidirectional=True), "head": head}
    found = opened(tmp_path, parts)
    assert found.readout is None
    [note] = [one for one in found.notes if "head.3" in one and "between" in one]
    assert note == (
        "'head.0' and 'head.3' are two linear layers after the module. The file doesn't say what"
        " stands between them, so no answers are shown. In Python, gatesviz.record_inside(model)"
        " records the recurrent layers while your whole model runs."
    )
    [part] = choices_of(tmp_path / "model.pt")
    assert part.readouts == ()  # the page doesn't offer it
    forced = opened(tmp_path, parts, readout="head.0")
    assert forced.readout.out_features == 32
    assert any("The values of 'head.0' aren't the model's" in one for one in forced.notes)


def test_a_layer_before_the_module_and_an_attention_are_named(tmp_path):
    lstm, fc = nn.LSTM(8, 16), nn.Linear(16, 2)
    found = opened(tmp_path, {"proj": nn.Linear(3, 8), "lstm": lstm, "fc": fc})
    assert found.readout.out_features == 2
    assert any(one.startswith("'proj' gives 8 values and can come before") for one in found.notes)
    found = opened(tmp_path, {"lstm": lstm, "attn": nn.Linear(16, 1), "fc": fc})
    assert any(one.startswith("'attn' takes the module's 16 values") for one in found.notes)
    found = opened(tmp_path, {"lstm": lstm, "fc": fc})
    assert not any("ignored" in one for one in found.notes)


@pytest.mark.parametrize("order", [("embed", "rnn", "out"), ("rnn", "out", "embed")])
def test_an_embedding_does_not_follow_the_readout(tmp_path, order):
    parts = {"embed": nn.Embedding(7, 7), "rnn": nn.LSTM(7, 5), "out": nn.Linear(5, 7)}
    found = opened(tmp_path, {name: parts[name] for name in order})
    assert found.readout.out_features == 7
    assert found.embedding is not None


def test_a_layer_before_the_module_does_not_follow_the_readout(tmp_path):
    """A forecast gives as many numbers as the first layer takes."""
    parts = {"proj": nn.Linear(3, 8), "lstm": nn.LSTM(8, 16), "fc": nn.Linear(16, 3)}
    assert opened(tmp_path, parts).readout.out_features == 3


def test_the_order_of_the_file_does_not_hide_the_last_layer(tmp_path):
    parts = {"a_last": nn.Linear(32, 3), "b_first": nn.Linear(6, 32), "rnn": nn.GRU(4, 6)}
    assert opened(tmp_path, parts).readout is None


class Attentive(nn.Module):
    """A normalisation before the LSTM, an attention and a normalisation after it."""

    def __init__(self, *, plain: bool = False) -> None:
        super().__init__()
        self.emb, self.lstm, self.fc = nn.Embedding(5, 8), nn.LSTM(8, 16), nn.Linear(16, 5)
        self.plain = plain
        if not plain:
            self.ln_in, self.norm = nn.LayerNorm(8), nn.LayerNorm(16)
            self.attn = nn.MultiheadAttention(16, 2)

    def forward(self, entries: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = self.emb(entries)
        h = self.lstm(x if self.plain else self.ln_in(x))[0]
        return h, self.fc(h if self.plain else self.norm(h + self.attn(h, h, h)[0]))


@pytest.mark.parametrize("plain", [True, False])
def test_layers_are_left_out_exactly_where_the_numbers_differ_from_the_whole_models(
    tmp_path, plain
):
    torch.manual_seed(0)
    model, entries = Attentive(plain=plain), [0, 3, 1, 4]
    torch.save(model.state_dict(), tmp_path / "m.pt")
    found = gv.open_model(tmp_path / "m.pt")
    recording = gv.record(found.module, found.features(entries))
    with torch.no_grad():
        h, answers = model(torch.tensor(entries))
    same = torch.allclose(torch.from_numpy(recording.output), h, atol=1e-6)
    assert same == plain == torch.allclose(found.answers(recording), answers, atol=1e-6)
    assert [set(names) for names in found.left_out] == (
        [set(), set()] if plain else [{"ln_in"}, {"norm", "attn"}]
    )
    without = gv.open_model(tmp_path / "m.pt", readout=False)
    assert without.left_out.after == ()  # no answers are shown
    assert without.left_out.before == found.left_out.before


def test_layers_of_other_sizes_and_of_other_parts_are_not_left_out(tmp_path):
    parts = {"lstm": nn.LSTM(8, 16), "fc": nn.Linear(16, 5)}
    other = nn.ModuleDict({"gru": nn.GRU(8, 16), "norm": nn.LayerNorm(16)})
    found = opened(tmp_path, {**parts, "wide": nn.LayerNorm(20), "other": other}, part="lstm")
    assert found.left_out == ((), ())
    found = opened(
        tmp_path, {**parts, "conv": nn.Conv1d(3, 8, 5), "value": nn.Linear(16, 7)}, readout="fc"
    )
    assert found.left_out == (("conv",), ())


def test_several_parts_have_a_note_on_the_first_state(tmp_path):
    """The decoder's numbers are those of the whole model only if it starts from zeros, too."""
    torch.manual_seed(1)
    parts = {"encoder": nn.LSTM(3, 4), "decoder": nn.LSTM(3, 4)}
    found, x = opened(tmp_path, parts, part="decoder"), torch.randn(5, 3)
    with torch.no_grad():
        alone, given = parts["decoder"](x)[0], parts["decoder"](x, parts["encoder"](x)[1])[0]
    recorded = torch.from_numpy(gv.record(found.module, x).output)
    assert torch.allclose(recorded, alone, atol=1e-6)
    assert not torch.allclose(recorded, given, atol=1e-3)
    assert any(one.startswith("The module starts from zeros.") for one in found.notes)
    one = opened(tmp_path, {"rnn": nn.LSTM(3, 4)})
    assert not any("starts from zeros" in note for note in one.notes)


def test_one_name_that_fits_is_no_choice(tmp_path):
    with pytest.raises(ValueError, match=r"^readout: expected 'fc', got 'no'$"):
        opened(tmp_path, {"lstm": nn.LSTM(8, 16), "fc": nn.Linear(16, 5)}, readout="no")


def test_the_heads_of_a_forecast_do_not_come_before_the_module(tmp_path):
    """They give as many numbers as it reads."""
    mlp = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 3))
    for heads in ({"mu": nn.Linear(16, 3), "spread": nn.Linear(16, 3)}, {"head": mlp}):
        found = opened(tmp_path, {"lstm": nn.LSTM(3, 16), **heads})
        assert found.readout is None
        assert found.left_out == ((), ())
        assert not any("come before the module" in note for note in found.notes)
    found = opened(tmp_path, {"proj": nn.Linear(5, 3), "lstm": nn.LSTM(3, 16), "head": mlp})
    assert found.left_out.before == ("proj",)
