"""What a readout reads of an opened model, and what it gives, against PyTorch."""

import json
import re
from pathlib import Path

import pytest
import torch
from torch import nn

import gatesviz as gv
from gatesviz.model_files.answers import UNSURE
from tests.model_files.test_state_dicts import LETTERS, Net, saved


class Classifier(nn.Module):
    """Embedding, both directions, and a linear layer that reads the final states."""

    def __init__(self, kind: type[nn.RNNBase], layers: int) -> None:
        super().__init__()
        self.embed, self.rnn = nn.Embedding(9, 4), kind(4, 5, layers, bidirectional=True)
        self.head = nn.Linear(10, 3)

    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        state = self.rnn(self.embed(numbers))[1]
        h = state[0] if isinstance(state, tuple) else state
        return self.head(torch.cat([h[-2], h[-1]], -1))


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM])
def test_a_readout_of_final_states_gives_what_pytorch_gives(tmp_path, kind, layers):
    torch.manual_seed(3)
    net = Classifier(kind, layers).eval()
    path = saved(tmp_path / "both.pt", net.state_dict())
    numbers = [1, 0, 8, 3, 3, 7]
    unsure = gv.open_model(path)
    recording = gv.record(unsure.module, unsure.features(numbers))
    with pytest.raises(ValueError, match="doesn't show what the readout reads of the two"):
        unsure.answers(recording)  # a number that may not be the model's is never given
    with torch.no_grad():
        wanted = net(torch.tensor(numbers))
        each = net.head(net.rnn(net.embed(torch.tensor(numbers)))[0])
    once, stepwise = (gv.open_model(path, readout_input=how) for how in ("h_n", "output"))
    torch.testing.assert_close(once.answers(recording), wanted, rtol=0, atol=1e-5)
    torch.testing.assert_close(stepwise.answers(recording), each, rtol=0, atol=1e-5)
    assert (each[-1] - wanted).abs().max() > 0.01
    assert UNSURE in unsure.notes
    assert UNSURE not in once.notes + stepwise.notes
    batch = torch.stack([once.features(numbers), once.features(numbers[::-1])], 1)
    with torch.no_grad():
        wanted = net(torch.tensor([numbers, numbers[::-1]]).T)
    found = once.answers(gv.record(once.module, batch))
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)
    with pytest.raises(ValueError, match="expected 'output' or 'h_n', got 'last'"):
        gv.open_model(path, readout_input="last")


def test_answers_of_one_direction_are_those_of_each_step(tmp_path):
    net = Net(nn.GRU(6, 5), answers=3)
    opened = gv.open_model(saved(tmp_path / "one.pt", net.state_dict()), vocabulary=LETTERS)
    recording = gv.record(opened.module, opened.features("abba"))
    with torch.no_grad():
        wanted = net.head(net.rnn(net.embed(torch.tensor([0, 1, 1, 0])))[0])
    torch.testing.assert_close(opened.answers(recording), wanted, rtol=0, atol=1e-5)
    bare = gv.open_model(tmp_path / "one.pt", readout=False)
    with pytest.raises(ValueError, match="the model has no readout"):
        bare.answers(recording)


def test_the_lines_of_the_readme_give_the_answers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    net = Net(nn.LSTM(6, 5))
    letters = "abcemostx y"
    saved(Path("checkpoint.pt"), net.state_dict())
    Path("vocabulary.json").write_text(json.dumps([*letters]))
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    lines = re.findall(r"^(?:opened|recorded)\b.*|^opened\.answers.*", readme, re.MULTILINE)
    assert len(lines) == 3
    known: dict = {"gv": gv}
    exec("\n".join(lines[:2]), known)
    found = eval(lines[2].partition("#")[0], known)
    with torch.no_grad():
        read = torch.tensor([letters.index(letter) for letter in "some text"])
        wanted = net.head(net.rnn(net.embed(read))[0])
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)


def test_numbers_of_entries_can_be_a_tensor_and_other_values_get_a_sentence(tmp_path):
    opened = gv.open_model(saved(tmp_path / "one.pt", Net(nn.GRU(6, 5)).state_dict()))
    wanted = opened.features([3, 0, 1])
    for given in (torch.tensor([3, 0, 1]), [*torch.tensor([3, 0, 1])], (3, 0, 1)):
        torch.testing.assert_close(opened.features(given), wanted)
    for wrong in (None, 3, [1.5], torch.tensor([[3]]), torch.tensor([0.5])):
        with pytest.raises(TypeError, match="text: expected a text, or a list of entries or of"):
            opened.features(wrong)
    with pytest.raises(ValueError, match="text: it is empty"):
        opened.features([])


class Settings:
    """Something that a pickle can hold and that isn't read."""


def test_the_lines_that_save_a_checkpoint_keep_its_vocabulary(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    net = Net(nn.LSTM(6, 5))
    index = dict(enumerate(LETTERS))
    held = {"model_state_dict": net.state_dict(), "idx2char": index, "args": Settings()}
    torch.save(held, "full.pt")
    with pytest.raises(ValueError, match="save its weights with these two lines") as refused:
        gv.open_model("full.pt")
    lines = [line.strip() for line in str(refused.value).split("\n")[1:]]
    assert len(lines) == 2
    assert "in your training script, where its classes are defined:" in str(refused.value)
    exec("\n".join(lines), {"torch": torch})
    opened = gv.open_model("weights.pt")
    assert opened.vocabulary == tuple(LETTERS)
    torch.testing.assert_close(opened.readout.weight, net.head.weight)
    torch.save(held | {"vocab": Settings()}, "full.pt")  # an object would be refused again
    with pytest.raises(ValueError, match="'vocab'") as refused:
        gv.open_model("full.pt")
    exec("\n".join(line.strip() for line in str(refused.value).split("\n")[1:]), {"torch": torch})
    assert gv.open_model("weights.pt").vocabulary == tuple(LETTERS)


def test_a_cut_file_is_said_to_be_damaged(tmp_path):
    path = saved(tmp_path / "cut.pt", Net(nn.LSTM(6, 5)).state_dict())
    path.write_bytes(path.read_bytes()[:-2_000])
    with pytest.raises(ValueError, match=r"'cut.pt' is damaged: it begins as an archive of") as cut:
        gv.open_model(path)
    assert "not a zip" not in str(cut.value)


def test_so_is_a_file_whose_directory_has_a_name_that_is_no_text(tmp_path):
    path = saved(tmp_path / "names.pt", Net(nn.LSTM(6, 5)).state_dict())
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")  # its flags are at 8, its name at 46
    data[entry + 9] |= 0x08  # the name is UTF-8
    data[entry + 46] = 0x90
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"'names.pt' is damaged: it begins as an archive of"):
        gv.open_model(path)


@pytest.mark.parametrize(
    ("classes", "names"),
    [
        (["bad", "so-so", "good"], ("bad", "so-so", "good")),
        (["bad", "good"], None),
        (["bad", "bad", "good"], None),
        ([0, 1, 2], None),
        ("abc", None),
    ],
)
def test_a_list_of_classes_names_the_answers_if_it_fits(tmp_path, classes, names):
    tensors = Net(nn.GRU(6, 5), answers=3).state_dict()
    opened = gv.open_model(saved(tmp_path / "named.pt", tensors, classes=classes))
    assert opened.answer_names == names
    said = "The names of the answers are 'classes' of the file."
    assert (said in opened.notes) == (names is not None)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("tag2id", {"NOUN": 0, "VERB": 2, "ADJ": 1}),
        ("id2label", {"0": "NOUN", "1": "ADJ", "2": "VERB"}),
        ("class_to_idx", {"NOUN": 0, "ADJ": 1, "VERB": 2}),
    ],
)
def test_a_mapping_of_tags_names_the_answers(tmp_path, name, given):
    tensors = {**nn.LSTM(4, 5).state_dict(), "decide.weight": torch.ones(3, 5)}
    tensors["decide.bias"] = torch.zeros(3)
    opened = gv.open_model(saved(tmp_path / "tags.pt", tensors, **{name: given}))
    assert opened.answer_names == ("NOUN", "ADJ", "VERB")
    assert f"The names of the answers are '{name}' of the file." in opened.notes
    wrong = gv.open_model(saved(tmp_path / "wrong.pt", tensors, **{name: {"NOUN": 0, "ADJ": 5}}))
    assert wrong.answer_names is None


@pytest.mark.parametrize("held", [True, False])
def test_numbers_that_begin_at_1_leave_entry_0_without_a_name(tmp_path, held):
    """As `word_index` of Keras's Tokenizer, whose 0 is padding."""
    rows = nn.Embedding(4, 3)
    tensors = {**nn.LSTM(3, 5).state_dict(), "embedding.weight": rows.weight.detach()}
    words = {"good": 2, "the": 1, "film": 3}
    path = saved(tmp_path / "words.pt", tensors, **({"word_index": words} if held else {}))
    opened = gv.open_model(path, vocabulary=None if held else words)
    assert opened.vocabulary == ("<0>", "the", "good", "film")
    torch.testing.assert_close(opened.features(["film"])[0], rows.weight[3])
    with pytest.raises(ValueError, match="expected the numbers 0 to 1, each once"):
        gv.open_model(path, vocabulary={"the": 1, "good": 2})


@pytest.mark.parametrize("wide", [("fc",), ("table",), ("rnn",), ("table", "fc")])
def test_parts_of_two_precisions_are_computed_in_the_wider_one(tmp_path, wide):
    torch.manual_seed(7)
    net = nn.ModuleDict({"table": nn.Embedding(3, 6), "rnn": nn.LSTM(6, 8), "fc": nn.Linear(8, 3)})
    for name in wide:
        net[name].double()
    file = tmp_path / "m.pt"
    torch.save({"state_dict": net.state_dict(), "stoi": {"a": 0, "b": 1, "c": 2}}, file)
    opened = gv.open_model(file)
    told = "Weights in the file are float32 and float64. gatesviz computes in float64."
    assert told in opened.notes
    net.double()  # exact
    with torch.no_grad():
        expected = net["fc"](net["rnn"](net["table"](torch.tensor([0, 1, 2, 1])))[0])
    found = opened.answers(gv.record(opened.module, opened.features("abcb")))
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
    assert len(str(opened.continue_text("ab", 5))) == 7
    assert told not in gv.open_model(file, embedding=False, readout=False).notes
