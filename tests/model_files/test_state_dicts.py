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
        "The vocabulary is 'char2idx' of the file.",
    )


@pytest.mark.parametrize(
    "prefix",
    ["module.", "_orig_mod.", "module._orig_mod.", "model.", "net.encoder.0.", "lstm_", "résumé."],
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
    same(opened, rnn.to(wanted))


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
    assert any("Left alone: 'encoder.rnn'" in note for note in opened.notes)


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
    assert "Left alone: 'm.pt': 'mixer.weight_ih_l0' is missing." in opened.notes
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
        ("abc", "3 characters, 1 words and 1 lines: expected 11 of one of them"),
        (["a"] * 11, "'a' occurs twice"),
        (["a", "b"], "it has 2 entries, and the model reads 11"),
        ({"a": 0, "b": 2}, "expected the numbers 0 to 1, each once"),
        ({"a": "b"}, "expected texts with whole numbers"),
        ([1] * 11, "entry 0 is 1, expected a text"),
        (7, "expected a file, a text, a list of texts or a mapping"),
        ("", "expected 11 of one of them"),
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
    with pytest.raises(ValueError, match="expected a model with a vocabulary and a readout"):
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
