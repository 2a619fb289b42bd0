"""State dicts whose cell, first state or matrices may be others than they look."""

from pathlib import Path

import pytest
import torch
from torch import nn

import gatesviz as gv
from gatesviz.model_files import choices_of

BESIDE = r"beside weight_ih and weight_hh, .* its gates can't be computed here"


class NormedCell(nn.Module):
    """The LayerNormLSTMCell of PyTorch's benchmarks: its own weights, normalised gates."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.weight_ih = nn.Parameter(torch.randn(4 * hidden, inputs))
        self.weight_hh = nn.Parameter(torch.randn(4 * hidden, hidden))
        self.layernorm_i = nn.LayerNorm(4 * hidden)
        self.layernorm_h = nn.LayerNorm(4 * hidden)
        self.layernorm_c = nn.LayerNorm(hidden)


def refused(path: Path, tensors: dict, named: str) -> None:
    torch.save(tensors, path)
    with pytest.raises(ValueError, match=BESIDE) as error:
        gv.open_model(path)
    assert named in str(error.value)


@pytest.mark.parametrize("head", [True, False])
def test_a_normalisation_inside_the_cell_is_refused(tmp_path, head):
    parts = {"cell": NormedCell(6, 8)} | ({"fc": nn.Linear(8, 3)} if head else {})
    named = "'cell' has 'cell.layernorm_i.weight', 'cell.layernorm_i.bias', "
    refused(tmp_path / "m.pt", nn.ModuleDict(parts).state_dict(), named)
    named = "the recurrent cell has 'layernorm_i.weight', 'layernorm_i.bias', "
    refused(tmp_path / "alone.pt", NormedCell(6, 8).state_dict(), named)


@pytest.mark.parametrize("prefix", ["lstm.", ""])
@pytest.mark.parametrize(
    "more",
    [
        {"weight_ci": (8,), "weight_cf": (8,), "weight_co": (8,)},
        {"peephole.weight": (24,)},
        {"weight_mx": (8, 6), "weight_mh": (8, 8)},
        {"ln_gates.weight": (32,), "ln_gates.bias": (32,)},
    ],
)
def test_a_cell_with_other_weights_is_refused(tmp_path, prefix, more):
    own = nn.LSTM(6, 8).state_dict() | {name: torch.randn(shape) for name, shape in more.items()}
    tensors = {prefix + name: tensor for name, tensor in own.items()}
    refused(tmp_path / "m.pt", tensors, repr(prefix + next(iter(more))))


def test_another_part_of_the_file_still_opens(tmp_path):
    parts = {"cell": NormedCell(6, 8), "gru": nn.GRU(3, 4)}
    torch.save(nn.ModuleDict(parts).state_dict(), tmp_path / "m.pt")
    opened = gv.open_model(tmp_path / "m.pt")
    assert opened.part == "gru"
    assert any(note.startswith("Ignored: 'm.pt': beside weight_ih") for note in opened.notes)
    with pytest.raises(ValueError, match=BESIDE):
        gv.open_model(tmp_path / "m.pt", part="cell")


@pytest.mark.parametrize("prefix", ["model.", ""])
def test_an_embedding_and_a_readout_in_the_class_of_the_cell_are_no_part_of_it(tmp_path, prefix):
    """An author's class that has the recurrent weights itself."""
    lstm, table, fc = nn.LSTM(4, 5), nn.Embedding(9, 4), nn.Linear(5, 3)
    tensors = {prefix + name: tensor for name, tensor in lstm.state_dict().items()}
    tensors |= {f"{prefix}embed.weight": table.weight.detach()}
    tensors |= {f"{prefix}fc.{name}": tensor for name, tensor in fc.state_dict().items()}
    torch.save(tensors, tmp_path / "m.pt")
    opened = gv.open_model(tmp_path / "m.pt")
    answers = opened.answers(gv.record(opened.module, opened.features([1, 8, 0])))
    with torch.no_grad():
        wanted = fc(lstm(table(torch.tensor([1, 8, 0])))[0])
    torch.testing.assert_close(answers, wanted, rtol=0, atol=1e-6)


def test_a_normalisation_of_the_output_beside_bare_names_is_no_part_of_the_cell(tmp_path):
    tensors = nn.LSTM(4, 5).state_dict() | {"norm.weight": torch.ones(5), "mean": torch.ones(4)}
    tensors |= {f"fc.{name}": tensor for name, tensor in nn.Linear(5, 3).state_dict().items()}
    torch.save(tensors, tmp_path / "m.pt")
    assert gv.open_model(tmp_path / "m.pt").left_out == ((), ("norm",))


@pytest.mark.parametrize(
    ("h", "c", "shape"),
    [
        ("h0", "c0", (4, 1, 5)),
        ("lstm.h_0", "lstm.c_0", (4, 5)),
        ("init_h", "init_c", (5,)),
        ("hidden_init", "cell_init", (2, 2, 1, 5)),
        ("initial_hidden_state", "initial_cell_state", (4, 1, 5)),
    ],
)
def test_a_first_state_that_the_module_lacks_is_said(tmp_path, h, c, shape):
    torch.manual_seed(0)
    lstm, x = nn.LSTM(3, 5, 2, bidirectional=True), torch.randn(4, 1, 3)
    states = {name: torch.randn(shape) for name in (h, c)}
    tensors = {f"lstm.{name}": tensor for name, tensor in lstm.state_dict().items()}
    torch.save(tensors | states, tmp_path / "m.pt")
    opened = gv.open_model(tmp_path / "m.pt")
    assert opened.left_out.before == (h, c)
    assert (
        f"'{h}', '{c}' can be the first state of the module. Here it starts from zeros, so its"
        " numbers can differ from the model's."
    ) in opened.notes
    given = [
        states[name].expand(4, 5) if shape == (5,) else states[name].reshape(4, 5)
        for name in (h, c)
    ]
    with torch.no_grad():
        first = lstm(x, tuple(one.unsqueeze(1).contiguous() for one in given))[0]
        zeros = lstm(x)[0]
    recorded = torch.from_numpy(gv.record(opened.module, x).output)
    torch.testing.assert_close(recorded, zeros, rtol=0, atol=1e-6)
    assert (recorded - first).abs().max() > 0.01  # so the sentence is needed


def test_zeros_other_sizes_and_another_parts_state_are_no_first_state(tmp_path):
    parts = {"encoder": nn.GRU(3, 5), "decoder": nn.GRU(3, 5)}
    tensors = nn.ModuleDict(parts).state_dict()
    tensors |= {"h0": torch.zeros(1, 1, 5), "decoder.h0": torch.ones(1, 1, 5)}
    tensors |= {"init_state": torch.ones(7), "hidden": torch.ones(3, 1, 5)}
    torch.save(tensors, tmp_path / "m.pt")
    assert gv.open_model(tmp_path / "m.pt", part="encoder").left_out.before == ()
    assert gv.open_model(tmp_path / "m.pt", part="decoder").left_out.before == ("decoder.h0",)


def opened_with(path: Path, parts: dict[str, nn.Module], **more) -> gv.OpenedModel:
    torch.save(nn.ModuleDict(parts).state_dict(), path)
    return gv.open_model(path, **more)


@pytest.mark.parametrize("size", [4, 6])
def test_a_linear_layer_without_bias_before_the_module_is_left_out(tmp_path, size):
    parts = {"pre": nn.Linear(size, 6, bias=False), "lstm": nn.LSTM(6, 8), "out": nn.Linear(8, 2)}
    opened = opened_with(tmp_path / "m.pt", parts)
    assert opened.embedding is None
    assert opened.readout_name == "out"
    assert opened.left_out == (("pre",), ())
    assert any(one.startswith("'pre' gives 6 values and can come before") for one in opened.notes)


def test_a_square_matrix_with_any_name_is_neither_embedding_nor_readout_by_itself(tmp_path):
    parts = {"lstm": nn.LSTM(8, 8), "attn": nn.Linear(8, 8, bias=False), "fc": nn.Linear(8, 3)}
    opened = opened_with(tmp_path / "m.pt", parts)
    assert (opened.embedding, opened.readout_name) == (None, "fc")
    assert opened.left_out == (("attn",), ("attn",))
    assert (
        "'attn' could be the embedding, or a linear layer without a bias. To use it as the"
        " embedding, choose it with embedding=."
    ) in opened.notes
    [choices] = choices_of(tmp_path / "m.pt")
    assert (choices.embedding, choices.embeddings) == (None, ("attn",))
    chosen = gv.open_model(tmp_path / "m.pt", embedding="attn")
    torch.testing.assert_close(chosen.embedding.weight, parts["attn"].weight)
    del parts["fc"]
    opened = opened_with(tmp_path / "m.pt", parts)
    assert (opened.embedding, opened.readout) == (None, None)


@pytest.mark.parametrize("name", ["emb", "letters", "wte", "token_symbols"])
def test_a_square_embedding_with_a_usual_name_is_one(tmp_path, name):
    parts = {name: nn.Embedding(8, 8), "lstm": nn.LSTM(8, 8), "attn": nn.Linear(8, 8, bias=False)}
    opened = opened_with(tmp_path / "m.pt", {**parts, "fc": nn.Linear(8, 3)})
    assert (opened.embedding_name, opened.readout_name) == (name, "fc")
    assert opened.left_out.after == ("attn",)


def test_other_tables_are_not_said_to_stand_before_the_readout(tmp_path):
    """Embeddings of something else: a table has as many columns as the module has outputs."""
    parts = {"emb": nn.Embedding(9, 8), "lstm": nn.LSTM(8, 8), "fc": nn.Linear(8, 3)}
    opened = opened_with(tmp_path / "m.pt", {**parts, "pos_emb": nn.Embedding(8, 8)})
    assert opened.left_out == ((), ())
    opened = opened_with(tmp_path / "m.pt", {**parts, "places": nn.Embedding(5, 8)})
    assert opened.left_out == ((), ())


def test_layers_that_were_saved_alone_have_the_names_of_their_state_dicts(tmp_path):
    parts = {"lstm": nn.LSTM(8, 4), "before": nn.LayerNorm(8), "norm": nn.LayerNorm(4)}
    parts |= {"att": nn.MultiheadAttention(4, 2), "fc": nn.Linear(4, 2)}
    torch.save({name: one.state_dict() for name, one in parts.items()}, tmp_path / "m.pt")
    opened = gv.open_model(tmp_path / "m.pt")
    assert opened.left_out == (("before",), ("norm", "att"))
