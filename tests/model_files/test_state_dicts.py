"""State dicts of authors' own classes against the very modules that were saved."""

import json
import warnings
from collections import OrderedDict
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file, save_model
from torch import nn

import gatesviz as gv
from gatesviz.cells import CELLS
from gatesviz.model_files import choices_of
from gatesviz.model_files.answers import UNSURE
from gatesviz.recordings import record
from gatesviz.recordings.stepwise import StepModule
from gatesviz.trained import FOLDER

LETTERS = "abcdefghij\n"


class Net(nn.Module):
    """An author's class: embedding, recurrent layers, linear layer."""

    def __init__(self, rnn: nn.Module, symbols: int = 11, answers: int = 11) -> None:
        super().__init__()
        self.embed = nn.Embedding(symbols, rnn.input_size)
        self.rnn = rnn
        width = getattr(rnn, "proj_size", 0) or rnn.hidden_size
        self.head = nn.Linear(width * (1 + rnn.bidirectional), answers)


def same(opened: gv.OpenedModel, rnn: nn.Module) -> None:
    """Check that the opened module computes what ``rnn`` does."""
    x = torch.randn(5, 2, rnn.input_size, generator=torch.Generator().manual_seed(1))
    x = x.to(next(opened.module.parameters()).dtype)
    x = x.transpose(0, 1) if opened.module.batch_first else x
    with torch.no_grad(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "LSTM with projections is not supported with oneDNN")
        wanted = rnn.eval()(x.to(next(rnn.parameters()).dtype))[0]
        found = opened.module(x)[0]
    assert found.shape == wanted.shape
    torch.testing.assert_close(found, wanted.to(found.dtype), rtol=0, atol=1e-5)
    recorded = record(opened.module, x).output
    np.testing.assert_allclose(recorded, found, rtol=0, atol=1e-5)


def saved(path: Path, tensors: dict, **more) -> Path:
    torch.save({"state_dict": tensors, "epoch": 3, **more} if more else tensors, path)
    return path


def test_a_classifier_opens_with_everything_around_it(tmp_path):
    net = Net(nn.LSTM(6, 5, 2, bidirectional=True, dropout=0.5), answers=3)
    optimiser = torch.optim.Adam(net.parameters())
    net.head(net.rnn(net.embed(torch.tensor([[1, 2]])))[0]).sum().backward()
    optimiser.step()
    index = {letter: k for k, letter in enumerate(LETTERS)}
    checkpoint = {
        "model_state_dict": net.state_dict(), "optimizer_state_dict": optimiser.state_dict(),
        "epoch": 7, "loss": 0.25, "char2idx": index,
    }  # fmt: skip
    torch.save(checkpoint, tmp_path / "checkpoint.pt")
    opened = gv.open_model(tmp_path / "checkpoint.pt")
    same(opened, net.rnn)
    assert opened.vocabulary == tuple(LETTERS)
    with torch.no_grad():
        wanted = net.head(net.rnn(net.embed(torch.tensor([1, 0, 10])))[0])
        found = opened.readout(opened.module(opened.features("ba\n"))[0])
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)
    assert opened.notes == (
        "'rnn' of 'checkpoint.pt' is opened as LSTM: I=6, H=5, 2 layers, both directions.",
        "'embed' is the embedding: V=11, I=6.",
        "'head' is the readout: from 10 to 3.",
        UNSURE,
        "The vocabulary is 'char2idx' of the file.",
    )


@pytest.mark.parametrize(
    "prefix",
    [
        "module.",
        "_orig_mod.",
        "module._orig_mod.",
        "_fsdp_wrapped_module.",
        "model.",
        "net.encoder.0.",
        "lstm_",
        "résumé.",
    ],
)
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_any_prefix_will_do(tmp_path, prefix, kind):
    net = Net(kind(4, 3))
    tensors = {prefix + name: tensor for name, tensor in net.state_dict().items()}
    opened = gv.open_model(saved(tmp_path / "m.ckpt", tensors, global_step=3))
    same(opened, net.rnn)
    assert opened.embedding.weight.shape == (11, 4)
    assert opened.readout.weight.shape == (11, 3)


def test_a_compiled_part_inside_is_found(tmp_path):
    tensors = {f"model._orig_mod.rnn.{k}": v for k, v in nn.GRU(4, 3).state_dict().items()}
    assert gv.open_model(saved(tmp_path / "m.pt", tensors)).part == "model.rnn"


NAME = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=6)
KINDS = ("LSTM", "GRU", "RNN", "gru_reset_before")


@settings(max_examples=60)
@given(
    kind=st.sampled_from(KINDS),
    sizes=st.tuples(*[st.integers(1, 5)] * 3),
    layers=st.integers(1, 3),
    both=st.booleans(),
    bias=st.booleans(),
    proj=st.booleans(),
    around=st.booleans(),
    prefix=st.lists(NAME, max_size=3),
    wrapper=st.sampled_from(["", "module.", "_orig_mod."]),
    way=st.sampled_from(["pt", "old", "nested", "safetensors"]),
    first=st.booleans(),
)
def test_names_prefixes_and_shapes_fuzzed(
    tmp_path_factory, kind, sizes, layers, both, bias, proj, around, prefix, wrapper, way, first
):
    I, H, V = sizes[0], sizes[1] + 1, sizes[2] + 6  # noqa: E741
    options = {"num_layers": layers, "bidirectional": both, "bias": bias, "batch_first": first}
    options |= {"proj_size": H - 1} if proj and kind == "LSTM" else {}
    torch.manual_seed(0)
    made = (
        StepModule(kind, I, H, **options) if kind in CELLS else getattr(nn, kind)(I, H, **options)
    )
    net = Net(made, V) if around else nn.ModuleDict({"rnn": made})
    start = wrapper + "".join(f"{name}." for name in prefix)
    tensors = {start + name: tensor for name, tensor in net.state_dict().items()}
    path = tmp_path_factory.mktemp("fuzz") / "model"
    if way == "safetensors":
        save_file(tensors, path)
    else:
        data = {"net": OrderedDict(tensors), "args": {"lr": 0.1}} if way == "nested" else tensors
        torch.save(data, path, _use_new_zipfile_serialization=way != "old")
    opened = gv.open_model(
        path, batch_first=first, cell=kind if kind in CELLS else None,
        nonlinearity="tanh" if kind == "RNN" else None,
    )  # fmt: skip
    same(opened, made)
    assert (opened.embedding is not None) == around
    if around:
        torch.testing.assert_close(opened.embedding.weight, net.embed.weight)
        torch.testing.assert_close(opened.readout.weight, net.head.weight)
        torch.testing.assert_close(opened.readout.bias, net.head.bias)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("ending", ["pt", "safetensors"])
def test_other_precisions(tmp_path, dtype, ending):
    rnn = nn.LSTM(4, 3).to(dtype)
    path = tmp_path / f"m.{ending}"
    (save_file if ending == "safetensors" else torch.save)(rnn.state_dict(), path)
    opened = gv.open_model(path)
    wanted = dtype if dtype is torch.float64 else torch.float32
    assert opened.module.weight_hh_l0.dtype is wanted
    short = str(dtype).removeprefix("torch.")
    told = f"Weights in the file are {short}. gatesviz converts them to float32, which is exact"
    assert any(note.startswith(told) for note in opened.notes) == (dtype is not torch.float64)
    assert torch.equal(opened.module.weight_hh_l0.to(dtype), rnn.weight_hh_l0)
    same(opened, rnn.to(wanted))


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.float8_e5m2])
def test_eight_bits_are_converted_with_a_note(tmp_path, dtype):
    state = {name: one.to(dtype) for name, one in nn.LSTM(4, 3).state_dict().items()}
    save_file(state, tmp_path / "m.safetensors")
    opened = gv.open_model(tmp_path / "m.safetensors")
    told = f"Weights in the file are {str(dtype).removeprefix('torch.')}. gatesviz converts them"
    assert any(note.startswith(told) for note in opened.notes)
    assert torch.equal(opened.module.weight_hh_l0, state["weight_hh_l0"].to(torch.float32))


@pytest.mark.parametrize("given", ["yes", 1, None])
def test_batch_first_is_true_or_false(tmp_path, given):
    torch.save(nn.LSTM(4, 3).state_dict(), tmp_path / "m.pt")
    with pytest.raises(TypeError, match=f"batch_first: expected True or False, got {given!r}"):
        gv.open_model(tmp_path / "m.pt", batch_first=given)


def test_a_checkpoint_of_thousands_of_tensors_is_too_large_and_not_damaged(tmp_path):
    parts = nn.ModuleList([nn.LSTM(1, 1) for _ in range(2000)])
    torch.save(parts.state_dict(), tmp_path / "m.pt")
    with pytest.raises(ValueError, match=r"'m\.pt' is too large: its pickle has more than 150,000"):
        gv.open_model(tmp_path / "m.pt")


@pytest.mark.parametrize("way", ["new", "old"])
def test_weight_norm_is_computed(tmp_path, way):
    rnn = nn.GRU(4, 3)
    for name in ("weight_hh_l0", "weight_ih_l0"):
        if way == "new":
            nn.utils.parametrizations.weight_norm(rnn, name)
            with torch.no_grad():
                getattr(rnn.parametrizations, name).original0.mul_(1.7)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                nn.utils.weight_norm(rnn, name)
            with torch.no_grad():
                getattr(rnn, name + "_g").mul_(1.7)
    opened = gv.open_model(saved(tmp_path / "m.pt", rnn.state_dict()))
    same(opened, rnn)


@pytest.mark.parametrize("way", ["new", "old"])
def test_spectral_norm_and_pruning_are_computed(tmp_path, way):
    rnn = nn.LSTM(4, 3)
    norm = nn.utils.parametrizations.spectral_norm if way == "new" else nn.utils.spectral_norm
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        norm(rnn, "weight_hh_l0")
    if way == "old":
        nn.utils.prune.l1_unstructured(rnn, "weight_ih_l0", amount=0.5)
    rnn(torch.zeros(2, 4))  # one power iteration
    opened = gv.open_model(saved(tmp_path / "m.pt", rnn.state_dict()))
    same(opened, rnn)


@pytest.mark.parametrize("cell", [nn.LSTMCell, nn.GRUCell])
def test_a_cell_opens_as_one_layer(tmp_path, cell):
    made = cell(4, 3)
    path = saved(tmp_path / "m.pt", {f"decoder.cell.{k}": v for k, v in made.state_dict().items()})
    opened = gv.open_model(path)
    x, state = torch.randn(1, 4), None
    for _ in range(3):
        state = made(x, state)
    found = opened.module(x.expand(3, 4))[0][-1]
    h = state[0] if isinstance(state, tuple) else state
    torch.testing.assert_close(found[None], h, rtol=0, atol=1e-6)
    assert opened.part == "decoder.cell"


def test_several_parts_are_named_and_chosen(tmp_path):
    net = nn.ModuleDict({"encoder": Net(nn.LSTM(4, 3)), "decoder": Net(nn.GRU(3, 2), 7, 5)})
    path = saved(tmp_path / "m.pt", net.state_dict())
    with pytest.raises(
        ValueError, match=r"2 recurrent parts: 'encoder\.rnn' \(LSTM, I=4, H=3\); 'd"
    ):
        gv.open_model(path)
    with pytest.raises(ValueError, match=r"part: 'm.pt' has no 'rnn', expected one of 'encoder"):
        gv.open_model(path, part="rnn")
    opened = gv.open_model(path, part="decoder.rnn")
    same(opened, net["decoder"].rnn)
    assert opened.readout.weight.shape == (5, 2)
    assert any("Ignored: 'encoder.rnn'" in note for note in opened.notes)


@pytest.mark.parametrize("apart", [True, False])
def test_what_surrounds_another_part_is_not_taken(tmp_path, apart):
    first = nn.ModuleDict({"gru": nn.GRU(4, 3), "emb": nn.Embedding(7, 4)})
    net = nn.ModuleDict({"enc": first, "dec": Net(nn.GRU(4, 3))})
    apart_dicts = {name: each.state_dict() for name, each in net.items()}
    torch.save(apart_dicts if apart else net.state_dict(), tmp_path / "m.pt")
    opened = gv.open_model(tmp_path / "m.pt", part="enc.gru")
    assert opened.embedding.weight.shape == (7, 4)
    assert opened.readout is None
    opened = gv.open_model(tmp_path / "m.pt", part="dec.rnn")
    assert opened.embedding.weight.shape == (11, 4)
    assert opened.readout.weight.shape == (11, 3)


def test_state_dicts_saved_side_by_side(tmp_path):
    net = Net(nn.LSTM(4, 3))
    apart = {name: part.state_dict() for name, part in net.named_children()}
    torch.save(apart, tmp_path / "m.pt")
    opened = gv.open_model(tmp_path / "m.pt")
    same(opened, net.rnn)
    torch.testing.assert_close(opened.embedding.weight, net.embed.weight)
    torch.testing.assert_close(opened.readout.weight, net.head.weight)
    torch.testing.assert_close(opened.readout.bias, net.head.bias)
    assert opened.notes[1:] == (
        "'embed' is the embedding: V=11, I=4.", "'head' is the readout: from 3 to 11."
    )  # fmt: skip
    torch.save({"net": net.state_dict(), "ema": net.state_dict()}, tmp_path / "two.pt")
    with pytest.raises(ValueError, match=r"'net\.rnn' .*; 'ema\.rnn' "):
        gv.open_model(tmp_path / "two.pt")
    assert gv.open_model(tmp_path / "two.pt", part="ema.rnn").readout is not None


@pytest.mark.parametrize("bias", [True, False])
def test_tied_weights_of_safetensors_are_embedding_and_readout(tmp_path, bias):
    net = Net(nn.GRU(4, 4))
    net.head = nn.Linear(4, 11, bias=bias)
    net.head.weight = net.embed.weight
    save_model(net, str(tmp_path / "m.safetensors"))
    assert len(load_file(tmp_path / "m.safetensors")) == 5 + bias  # one of the two is stored
    opened = gv.open_model(tmp_path / "m.safetensors")
    torch.testing.assert_close(opened.embedding.weight, net.embed.weight)
    torch.testing.assert_close(opened.readout.weight, net.head.weight)
    assert (opened.readout.bias is not None) == bias


def test_state_dicts_in_a_list_and_weight_dropout(tmp_path):
    rnn = nn.LSTM(4, 3)
    torch.save({"nets": [{"lr": 0.1}, rnn.state_dict()]}, tmp_path / "m.pt")
    same(gv.open_model(tmp_path / "m.pt"), rnn)
    dropped = {f"0.module.{name}": tensor for name, tensor in rnn.state_dict().items()}
    dropped["0.weight_hh_l0_raw"] = dropped.pop("0.module.weight_hh_l0")
    opened = gv.open_model(saved(tmp_path / "awd.pth", dropped))
    assert opened.part == "0.module"
    same(opened, rnn)


def test_an_incomplete_part_does_not_hide_a_complete_one(tmp_path):
    rnn = nn.GRU(4, 3)
    tensors = {f"rnn.{name}": tensor for name, tensor in rnn.state_dict().items()}
    path = saved(tmp_path / "m.pt", tensors | {"mixer.weight_hh": torch.zeros(3, 3)})
    opened = gv.open_model(path)
    same(opened, rnn)
    assert "Ignored: 'm.pt': 'mixer.weight_ih_l0' is missing." in opened.notes
    with pytest.raises(ValueError, match=r"'mixer\.weight_ih_l0' is missing"):
        gv.open_model(path, part="mixer")


def test_two_heads_are_named_and_none_is_taken(tmp_path):
    net = nn.ModuleDict({"rnn": nn.LSTM(4, 3), "actor": nn.Linear(3, 2), "critic": nn.Linear(3, 1)})
    path = saved(tmp_path / "m.pt", net.state_dict())
    opened = gv.open_model(path)
    assert opened.readout is None
    assert "Several matrices fit as the readout: 'actor', 'critic'" in opened.notes[1]
    assert gv.open_model(path, readout="critic").readout.weight.shape == (1, 3)
    with pytest.raises(ValueError, match="readout: expected one of 'actor', 'critic', got 'x'"):
        gv.open_model(path, readout="x")


def test_a_matrix_that_another_part_could_read_or_feed_is_not_taken(tmp_path):
    """`fc` reads `second` and `emb` feeds `first`; only the order and the sizes show it."""
    parts = {"emb": nn.Embedding(9, 5), "first": nn.LSTM(5, 5), "second": nn.LSTM(5, 5)}
    path = tmp_path / "m.pt"
    torch.save(nn.ModuleDict({**parts, "fc": nn.Linear(5, 2)}).state_dict(), path)
    first, second = (gv.open_model(path, part=part) for part in ("first", "second"))
    assert first.embedding is not None
    assert first.readout is None
    note = "'fc' fits as the readout, but 'second' could come between. If not, choose it with"
    assert any(one.startswith(note) for one in first.notes)
    assert second.embedding is None
    assert second.readout is not None
    note = "'emb' fits as the embedding, but 'first' could come between."
    assert any(one.startswith(note) for one in second.notes)
    assert gv.open_model(path, part="first", readout="fc").readout is not None


def test_a_normalisation_that_may_come_before_the_readout_is_named(tmp_path):
    layers = {"gru": nn.GRU(3, 6, bidirectional=True), "norm": nn.LayerNorm(12)}
    layers |= {"other": nn.LayerNorm(7), "fc": nn.Linear(12, 2)}
    torch.save(nn.ModuleDict(layers).state_dict(), tmp_path / "m.pt")
    notes = gv.open_model(tmp_path / "m.pt").notes
    assert (
        "'fc' is the readout: from 12 to 2. 'norm' could stand between the module and the readout."
        " The numbers shown are those without it."
    ) in notes
    assert "'other'" not in " ".join(notes[:-1])


@pytest.mark.parametrize(
    ("norm", "readout"), [("norm", "fc"), ("head.0", "head.1"), ("encoder.norm", "fc")]
)
def test_a_normalisation_is_named_wherever_its_name_stands(tmp_path, norm, readout):
    """A prefix of the recurrent part's own hides none, but another part's layer is no concern."""
    layers = {"encoder.rnn": nn.LSTM(8, 16), norm: nn.LayerNorm(16), readout: nn.Linear(16, 3)}
    layers |= {"decoder.rnn": nn.GRU(3, 5), "decoder.norm": nn.LayerNorm(16)}
    weights = {
        f"{name}.{k}": v for name, one in layers.items() for k, v in one.state_dict().items()
    }
    opened = gv.open_model(saved(tmp_path / "m.pt", weights), part="encoder.rnn")
    [note] = [one for one in opened.notes if "is the readout" in one]
    assert note.startswith(
        f"'{readout}' is the readout: from 16 to 3. '{norm}' could stand between"
    )


@pytest.mark.parametrize("bias", [True, False])
def test_an_attention_with_keys_of_another_size_is_known_by_its_own_names(tmp_path, bias):
    layers = {"lstm": nn.LSTM(8, 16), "att": nn.MultiheadAttention(16, 2, bias=bias, kdim=4)}
    path = saved(tmp_path / "m.pt", nn.ModuleDict(layers).state_dict())
    assert gv.open_model(path).readout is None
    layers["fc"] = nn.Linear(16, 3)
    notes = gv.open_model(saved(path, nn.ModuleDict(layers).state_dict())).notes
    assert any(
        one.startswith("'fc' is the readout: from 16 to 3. 'att' could stand between")
        for one in notes
    )


def test_the_end_of_an_attention_is_no_readout_and_a_last_layer_no_embedding(tmp_path):
    layers = {"lstm": nn.LSTM(8, 8), "att": nn.MultiheadAttention(8, 2)}
    torch.save(
        nn.ModuleDict({**layers, "cls": nn.Linear(8, 8, bias=False)}).state_dict(),
        tmp_path / "m.pt",
    )
    opened = gv.open_model(tmp_path / "m.pt")
    assert opened.embedding is None
    assert any(
        one.startswith("'cls' is the readout: from 8 to 8. 'att' could stand between")
        for one in opened.notes
    )


@pytest.mark.parametrize("name", ["headlines", "outlet", "classics", "profile_lines", "predators"])
def test_part_of_a_name_does_not_make_an_embedding_a_readout(tmp_path, name):
    net = nn.ModuleDict({name: nn.Embedding(9, 4), "rnn": nn.GRU(4, 4), "fc": nn.Linear(4, 2)})
    torch.save(net.state_dict(), tmp_path / "m.pt")
    opened = gv.open_model(tmp_path / "m.pt")
    torch.testing.assert_close(opened.embedding.weight, net[name].weight)
    assert opened.readout.weight.shape == (2, 4)


@pytest.mark.parametrize(
    "name",
    [
        "fc2",
        "lm_head",
        "lmHead",
        "outputlayer",
        "LSTMOut",
        "hidden2tag",
        "h2o",
        "to_vocab",
        "W_out",
    ],
)
def test_a_last_layer_without_bias_is_known_by_a_word_of_its_name(tmp_path, name):
    torch.save(
        nn.ModuleDict({"rnn": nn.GRU(4, 4), name: nn.Linear(4, 4, bias=False)}).state_dict(),
        tmp_path / "m.pt",
    )
    opened = gv.open_model(tmp_path / "m.pt")
    assert opened.embedding is None
    assert opened.readout is not None


@pytest.mark.parametrize(
    ("other", "readout"),
    [
        *(("attn", name) for name in ("fcs.0", "linears", "projections", "decoders.1")),
        *(("attn", name) for name in ("classifiers", "denses", "generators", "predictors")),
        *(("h2h", "generator"), ("hid2hid", "fc"), ("rnn_h2h.0", "out"), ("hidden2hidden", "h2o")),
        *(("attn", "hidden2hints"), ("h2h1", "linear")),
    ],
)
def test_plurals_are_readouts_and_what_leads_back_to_h_is_none(tmp_path, other, readout):
    layers = {"rnn": nn.GRU(4, 3), other: nn.Linear(3, 3), readout: nn.Linear(3, 2)}
    weights = {f"{n}.{k}": v for n, one in layers.items() for k, v in one.state_dict().items()}
    opened = gv.open_model(saved(tmp_path / "m.pt", weights))
    assert not [note for note in opened.notes if "Several" in note]
    assert opened.readout is not None
    torch.testing.assert_close(opened.readout.weight, layers[readout].weight)


@pytest.mark.parametrize("name", ["charges", "ensemble", "swords"])
def test_part_of_a_name_does_not_prefer_an_embedding(tmp_path, name):
    net = nn.ModuleDict({"rnn": nn.GRU(4, 3), "token_emb": nn.Embedding(9, 4)})
    net[name] = nn.Linear(4, 7, bias=False)
    torch.save(net.state_dict(), tmp_path / "m.pt")
    assert gv.open_model(tmp_path / "m.pt").embedding.weight.shape == (9, 4)


def test_tanh_or_relu_is_asked(tmp_path):
    rnn = nn.RNN(4, 3, nonlinearity="relu")
    path = saved(tmp_path / "m.pt", {f"rnn.{k}": v for k, v in rnn.state_dict().items()})
    with pytest.raises(ValueError, match=r"'rnn' is an RNN, .* Pass nonlinearity='tanh' or"):
        gv.open_model(path)
    bare = saved(tmp_path / "bare.pt", rnn.state_dict())
    with pytest.raises(ValueError, match=r"^The recurrent part is an RNN, "):
        gv.open_model(bare)
    with pytest.raises(ValueError, match=r"^cell: the recurrent part has 1 blocks of 3 rows"):
        gv.open_model(bare, cell="lstm")
    same(gv.open_model(path, nonlinearity="relu"), rnn)
    same(gv.open_model(path, cell="rnn_relu"), rnn)
    for wrong in ({"cell": "lstm"}, {"cell": "mgu"}, {"nonlinearity": "sigmoid"}):
        with pytest.raises(ValueError, match=r"expected 'rnn_tanh'|expected 'tanh'"):
            gv.open_model(path, **wrong)


@pytest.mark.parametrize("given", ["relu", "tanh"])
def test_the_nonlinearity_among_hyperparameters_is_used(tmp_path, given):
    torch.manual_seed(0)
    rnn = nn.RNN(4, 3, nonlinearity=given)
    path = tmp_path / "m.pt"
    held = {"model": {f"rnn.{k}": v for k, v in rnn.state_dict().items()}}
    torch.save({**held, "args": {"nonlinearity": given}}, path)
    opened = gv.open_model(path)
    same(opened, rnn)
    assert f"'args.nonlinearity' of the file is '{given}'." in opened.notes
    assert choices_of(path)[0].cell == f"rnn_{given}"
    other = "tanh" if given == "relu" else "relu"
    assert gv.open_model(path, nonlinearity=other).module.nonlinearity == other
    for unsure in ({"nonlinearity": "gelu"}, {"nonlinearity": 3, "rnn.nonlinearity": "relu"}):
        torch.save({**held, **unsure}, path)
        with pytest.raises(ValueError, match="Pass nonlinearity="):
            gv.open_model(path)


def test_a_model_with_the_names_of_an_optimiser_opens(tmp_path):
    rnn = nn.GRU(4, 3)
    torch.save({"state": rnn.state_dict(), "param_groups": [{"lr": 0.1}]}, tmp_path / "m.pt")
    same(gv.open_model(tmp_path / "m.pt"), rnn)


def test_one_hot_inputs_and_a_model_without_surroundings(tmp_path):
    rnn = nn.GRU(11, 3)
    opened = gv.open_model(saved(tmp_path / "m.pt", rnn.state_dict()), vocabulary=LETTERS)
    assert (opened.part, opened.embedding, opened.readout) == ("", None, None)
    assert opened.features("ca").tolist() == torch.eye(11)[[2, 0]].tolist()
    with pytest.raises(ValueError, match="text: 'Z' isn't in the vocabulary"):
        opened.features("Z")
    assert opened.features([10]).tolist() == torch.eye(11)[[10]].tolist()
    with pytest.raises(ValueError, match="expected numbers from 0 to 10, got 11"):
        opened.features([11])
    with pytest.raises(ValueError, match="Pass vocabulary= to open_model"):
        gv.open_model(tmp_path / "m.pt").features("a")


@pytest.mark.parametrize(
    "name",
    ["c2i", "i2c", "w2i", "all_letters", "chars", "char_map", "word_index", "itos", "token_to_id"],
)
def test_usual_names_of_a_vocabulary_in_a_checkpoint(tmp_path, name):
    pairs = [*enumerate(LETTERS)]
    forms = {"all_letters": LETTERS, "chars": [*LETTERS], "i2c": dict(pairs), "itos": dict(pairs)}
    held = forms.get(name) or {letter: k for k, letter in pairs}
    data = {"model": Net(nn.GRU(4, 3)).state_dict(), "labels": list("zyxwvutsrqp"), name: held}
    torch.save(data, tmp_path / "m.pt")
    assert gv.open_model(tmp_path / "m.pt").vocabulary == tuple(LETTERS)


FIVE = "\n()ab"


class Spelling(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.lstm, self.head = nn.Embedding(5, 3), nn.LSTM(3, 4), nn.Linear(4, 5)


@pytest.mark.parametrize(
    "held", [dict(zip(FIVE, range(5), strict=True)), dict(enumerate("\n()ab"))]
)
def test_a_mapping_to_all_entries_is_the_vocabulary_whatever_its_name(tmp_path, held):
    data = {"net": Spelling().state_dict(), "my_alphabet": held, "epochs": {"a": 0, "b": 1}}
    data["weights_of_classes"] = {"a": 0, "b": 2, "c": 4, "d": 6, "e": 8}
    opened = gv.open_model(saved(tmp_path / "m.pt", data))
    assert opened.vocabulary == tuple(FIVE)
    assert "The vocabulary is 'my_alphabet' of the file." in opened.notes
    data["mine"] = dict(zip(FIVE, range(5), strict=True))  # the same
    assert gv.open_model(saved(tmp_path / "m.pt", data)).vocabulary == tuple(FIVE)
    data["yours"] = dict(zip("edcba", range(5), strict=True))
    opened = gv.open_model(saved(tmp_path / "m.pt", data))
    assert opened.vocabulary is None
    [note] = [note for note in opened.notes if "differ" in note]
    assert note == (
        "In the file, 'my_alphabet', 'mine', 'yours' differ, and each could be the vocabulary. Pass"
        " the right one as vocabulary=."
    )
    data["stoi"] = dict(zip("edcba", range(5), strict=True))  # a usual name decides
    assert gv.open_model(saved(tmp_path / "m.pt", data)).vocabulary == tuple("edcba")


@pytest.mark.parametrize(
    "name",
    ["label2id", "id2label", "idToLabel", "class_to_idx", "tags", "target_map", "config.labels2id"],
)
def test_names_of_answers_are_no_vocabulary(tmp_path, name):
    """A classifier with five classes, whose embedding happens to have five rows."""
    data = {"net": Spelling().state_dict(), name: {"neg": 0, "neu": 1, "pos": 2, "x": 3, "y": 4}}
    opened = gv.open_model(saved(tmp_path / "m.pt", data))
    assert opened.vocabulary is None
    data["stages"] = dict(zip(FIVE, range(5), strict=True))  # "tag" is no word of this name
    assert gv.open_model(saved(tmp_path / "m.pt", data)).vocabulary == tuple(FIVE)
    data["stages"] = dict(zip(range(5), FIVE, strict=True))  # the other direction
    assert gv.open_model(saved(tmp_path / "m.pt", data)).vocabulary == tuple(FIVE)


MOODS = {"glad": 0, "sad": 1, "mad": 2, "calm": 3, "shy": 4}


@pytest.mark.parametrize("name", ["moods", "mood_to_idx", "idx2mood", "config.id_to_mood"])
def test_words_for_as_many_answers_as_entries_are_asked_about(tmp_path, name):
    """A classifier with five classes, whose embedding happens to have five rows."""
    held = {k: word for word, k in MOODS.items()} if "d2" in name or "x2" in name else MOODS
    path = saved(tmp_path / "m.pt", {"net": Spelling().state_dict(), name: held})
    opened = gv.open_model(path)
    assert opened.vocabulary is None
    assert (
        f"In the file, '{name}' could be the vocabulary or the names of the answers. Pass the right"
        " one as vocabulary=." in opened.notes
    )
    assert gv.open_model(path, vocabulary=held).vocabulary == tuple(MOODS)
    other = Spelling()
    other.head = nn.Linear(4, 3)  # so they can't be the answers
    path = saved(tmp_path / "m.pt", {"net": other.state_dict(), name: held})
    assert gv.open_model(path).vocabulary == tuple(MOODS)
    assert gv.open_model(path, readout=False).vocabulary == tuple(MOODS)


@pytest.mark.parametrize(
    "name", ["intents", "sentiment_to_idx", "outputs", "genre2idx", "idx2genre"]
)
def test_words_under_a_name_of_answers_are_no_vocabulary(tmp_path, name):
    path = saved(tmp_path / "m.pt", {"net": Spelling().state_dict(), name: MOODS})
    assert gv.open_model(path).vocabulary is None


@pytest.mark.parametrize(
    "name",
    ["stoi", "word2idx", "vocab", "word_index", "ix_to_word", "idx2w", "int2token", "w2i", "i2w"],
)
def test_usual_names_decide_also_for_as_many_answers(tmp_path, name):
    path = saved(tmp_path / "m.pt", {"net": Spelling().state_dict(), name: MOODS})
    assert gv.open_model(path).vocabulary == tuple(MOODS)


def test_without_an_embedding_names_of_columns_are_no_vocabulary(tmp_path):
    net = nn.ModuleDict({"gru": nn.GRU(3, 4), "head": nn.Linear(4, 2)}).state_dict()
    columns = {"temperature": 0, "wind": 1, "rain": 2}
    path = saved(tmp_path / "m.pt", {"net": net, "order": columns})
    assert gv.open_model(path).vocabulary is None
    assert not choices_of(path)[0].spelled
    path = saved(tmp_path / "m.pt", {"net": net, "order": {"a": 0, "b": 1, " ": 2}})
    assert gv.open_model(path).vocabulary == ("a", "b", " ")
    assert choices_of(path)[0].spelled


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("v.json", json.dumps(list(LETTERS))),
        ("v.json", json.dumps({c: k for k, c in enumerate(LETTERS)})),
        ("v.json", json.dumps({str(k): c for k, c in enumerate(LETTERS)})),
        ("v.json", json.dumps({"model": {"type": "x", "vocab": dict(zip(LETTERS, range(11)))}})),  # noqa: B905
        ("v.txt", LETTERS),
        ("words.txt", "\n".join(f"word{k}" for k in range(11)) + "\n"),
        ("words.txt", " ".join(f"word{k}" for k in range(11))),
    ],
)
def test_a_vocabulary_from_a_file(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    model = saved(tmp_path / "m.pt", Net(nn.GRU(4, 3)).state_dict())
    for given_as in (path, str(path)):
        found = gv.open_model(model, vocabulary=given_as).vocabulary
        wanted = LETTERS if name[0] == "v" else [f"word{k}" for k in range(11)]
        assert found == tuple(wanted)


@pytest.mark.parametrize(
    ("given_as", "sentence"),
    [
        ("abc", "expected 11 different entries.* has 3 characters, 1 word and 1 line$"),
        (["a"] * 11, "'a' occurs twice"),
        (["a", "b"], "it has 2 entries, and the model reads 11"),
        ({"a": 0, "b": 2}, "expected the numbers 0 to 1, each once"),
        ({"a": "b"}, "expected texts with whole numbers"),
        ([1] * 11, "entry 0 is 1, expected a text"),
        (7, "expected a file, a text, a list of texts or a mapping"),
        ("", "expected 11 different entries"),
    ],
)
def test_a_vocabulary_that_does_not_fit(tmp_path, given_as, sentence):
    model = saved(tmp_path / "m.pt", Net(nn.GRU(4, 3)).state_dict())
    with pytest.raises((ValueError, TypeError), match=sentence):
        gv.open_model(model, vocabulary=given_as)


def test_broken_vocabulary_files(tmp_path):
    model = saved(tmp_path / "m.pt", Net(nn.GRU(4, 3)).state_dict())
    for content in (b"[1, 2", b"\xff\xfe\x00", b"[" * 100_000, b'{"a": {"b": [1]}}', b"", b"3"):
        path = tmp_path / "v.json"
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"^'v\.json'|^vocabulary"):
            gv.open_model(model, vocabulary=path)
    with pytest.raises(FileNotFoundError):
        gv.open_model(model, vocabulary=tmp_path / "no.txt")


def test_a_character_model_writes_as_the_packaged_one_does():
    packaged = gv.load_trained("characters-lstm")
    opened = gv.open_model(FOLDER / "characters-lstm.safetensors")
    assert opened.vocabulary == packaged.vocabulary
    wanted = packaged.continue_text("Return the ", 40, seed=3)
    found = opened.continue_text("Return the ", 40, seed=3)
    assert str(found) == str(wanted)
    np.testing.assert_allclose(found.chances, wanted.chances, rtol=0, atol=1e-6)


@pytest.mark.parametrize("first", [False, True])
def test_a_model_with_an_embedding_writes_its_likeliest_letters(tmp_path, first):
    torch.manual_seed(2)
    net = Net(nn.GRU(4, 8, batch_first=first))
    with torch.no_grad():
        net.head.weight.mul_(2_000)
    path = saved(tmp_path / "m.pt", net.state_dict(), chars=list(LETTERS))
    found = gv.open_model(path, batch_first=first).continue_text("abc", 12, temperature=0.1)
    text = str(found)
    assert found.chances.min() > 0.999999
    numbers = torch.tensor([[LETTERS.index(letter) for letter in text]])
    numbers = numbers if first else numbers.T
    with torch.no_grad():
        best = net.head(net.rnn(net.embed(numbers))[0]).argmax(-1).flatten()
    assert text[3:] == "".join(LETTERS[k] for k in best[2:-1])


def test_what_cannot_write_says_so(tmp_path):
    both = Net(nn.GRU(4, 3, bidirectional=True))
    path = saved(tmp_path / "m.pt", both.state_dict())
    with pytest.raises(
        ValueError, match=r"with a vocabulary and a readout.*open_model\(…, vocabulary=…\)$"
    ):
        gv.open_model(path).continue_text("a")
    with pytest.raises(ValueError, match="reads in one direction"):
        gv.open_model(path, vocabulary=LETTERS).continue_text("a")


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, partial(StepModule, "gru_reset_before")])
def test_everything_works_on_an_opened_model(tmp_path, kind):
    net = Net(kind(4, 3))
    path = saved(tmp_path / "m.pt", net.state_dict())
    cell = None if isinstance(kind, type) else "gru_reset_before"
    opened = gv.open_model(path, vocabulary=LETTERS, cell=cell)
    x = opened.features("abcab")
    letter = "i" if kind is nn.LSTM else "z"
    edited = record(opened.module, x, edits=[gv.Edit(letter, 0.0, steps=2)])
    assert np.abs(edited.output - record(opened.module, x).output).max() > 1e-3
    flow = gv.gradient_flow(opened.module, x, lambda y: opened.readout(y.float())[-1, 0])
    assert flow.norms["h"].shape == (6,)
    assert gv.influence(opened.module, x, lambda y: y[-1, :2]).shape == (2, 5)
    edited.to_html(tmp_path / "player.html")
    assert "<html" in (tmp_path / "player.html").read_text(encoding="utf-8")


def test_what_gatesviz_trained_opens_too():
    info = gv.load_trained("recall-lstm")
    opened = gv.open_model(FOLDER / "recall-lstm.safetensors")
    same(opened, info.module)
    assert opened.readout is not None


def test_a_readout_that_fits_two_parts_may_be_that_of_the_other_one(tmp_path: Path) -> None:
    model = nn.ModuleDict(
        {"encoder": nn.GRU(3, 5), "decoder": nn.GRU(4, 5), "gen": nn.Linear(5, 6)}
    )
    torch.save(model.state_dict(), tmp_path / "m.pt")
    said = " The file doesn't say which part it reads: {} fits, too."
    for part, other in (("encoder", "'decoder'"), ("decoder", "'encoder'")):
        opened = gv.open_model(tmp_path / "m.pt", part=part)
        assert f"'gen' is the readout: from 5 to 6.{said.format(other)}" in opened.notes
    assert "fits, too" not in str(
        gv.open_model(tmp_path / "m.pt", part="encoder", readout="gen").notes
    )
    model["encoder"] = nn.GRU(3, 7)
    torch.save(model.state_dict(), tmp_path / "m.pt")
    assert "fits, too" not in str(gv.open_model(tmp_path / "m.pt", part="decoder").notes)
