"""A matrix without a bias where I = H: an embedding, a readout, or a question."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import gatesviz as gv
from gatesviz.model_files import choices_of

LETTERS = "abcdefghijklmnopqrstuvwxyz "
ASKED = (
    "'{}' could be the embedding or the readout. To use it as the embedding, choose it with"
    " embedding=. To use it as the readout, choose it with readout=."
)
SEVERAL = "Several matrices fit as the embedding: {}. Choose one with embedding=."


def line(size: int, answers: int) -> nn.Linear:
    return nn.Linear(size, answers, bias=False)


def saved(path: Path, parts: dict[str, nn.Module], **extras: object) -> Path:
    state = nn.ModuleDict(parts).state_dict()
    torch.save({"state_dict": state, **extras} if extras else state, path)
    return path


@pytest.mark.parametrize("name", ["answer", "score", "last", "top", "y", "W"])
def test_a_readout_without_a_bias_isnt_taken_for_the_embedding(tmp_path, name):
    torch.manual_seed(0)
    parts = {"rec": nn.GRU(8, 8), name: line(8, 2)}
    opened = gv.open_model(path := saved(tmp_path / "m.pt", parts))
    assert opened.embedding is None
    assert opened.readout_name == name
    assert any("The file lists it after the module. If it is" in note for note in opened.notes)
    x = torch.randn(5, 8)
    expected = parts[name](parts["rec"](x)[0])
    found = opened.answers(gv.record(opened.module, x))
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)
    [choices] = choices_of(path)
    assert (choices.embedding, choices.readout) == (None, name)
    chosen = gv.open_model(path, embedding=name)
    assert (chosen.embedding_name, chosen.readout) == (name, None)


def test_an_embedding_is_never_ignored_for_a_linear_layer(tmp_path):
    parts = {"a": nn.LSTM(7, 7), "b": nn.Embedding(7, 7), "c": line(7, 6)}
    opened = gv.open_model(saved(tmp_path / "m.pt", parts))
    assert (opened.embedding, opened.readout_name) == (None, "c")
    told = "'b' could be the embedding, or a linear layer without a bias. To use it as the"
    assert any(note.startswith(told) for note in opened.notes)
    opened = gv.open_model(tmp_path / "m.pt", embedding="b")
    assert (opened.embedding_name, opened.readout_name) == ("b", "c")
    before = {"b": nn.Embedding(7, 7), "c": line(7, 6), "a": nn.LSTM(7, 7)}
    opened = gv.open_model(saved(tmp_path / "m.pt", before))
    assert (opened.embedding, opened.readout) == (None, None)
    assert SEVERAL.format("'c', 'b'") in opened.notes


def test_places_before_and_after_the_module_decide(tmp_path):
    parts = {"z": nn.Embedding(9, 8), "rec": nn.LSTM(8, 8, num_layers=2), "a": line(8, 9)}
    opened = gv.open_model(saved(tmp_path / "m.pt", parts))
    assert (opened.embedding_name, opened.readout_name) == ("z", "a")
    told = "'z' is the embedding: V=9, I=8. The file lists it before the module. If another matrix"
    assert any(note.startswith(told) for note in opened.notes)
    parts = {"rec": nn.LSTM(8, 8), "z": nn.Embedding(9, 8), "a": line(8, 5)}
    opened = gv.open_model(path := saved(tmp_path / "m.pt", parts))
    assert (opened.embedding, opened.readout) == (None, None)
    assert SEVERAL.format("'z', 'a'") in opened.notes
    opened = gv.open_model(path, vocabulary=[*"abcdefghi"])
    assert (opened.embedding_name, opened.readout_name) == ("z", "a")
    opened = gv.open_model(path, embedding=False)
    assert "Several matrices fit as the readout: 'z', 'a'. Choose one with" in opened.notes[1]


def test_a_place_that_contradicts_a_readout_is_a_question(tmp_path):
    after = {"rec": nn.GRU(8, 8), "lookup": nn.Embedding(9, 8), "fc": nn.Linear(8, 9)}
    name = "thing"
    parts = {"rec": after["rec"], name: after["lookup"], "fc": after["fc"]}
    opened = gv.open_model(saved(tmp_path / "m.pt", parts))
    assert (opened.embedding, opened.readout_name) == (None, "fc")
    assert ASKED.format(name) in opened.notes
    opened = gv.open_model(tmp_path / "m.pt", vocabulary=[*"abcdefghi"])
    assert opened.embedding_name == name
    opened = gv.open_model(saved(tmp_path / "m.pt", after))  # a usual name decides
    assert opened.embedding_name == "lookup"


def test_a_name_that_contradicts_the_place_is_a_question(tmp_path):
    parts = {"memory": nn.Embedding(7, 3), "rec": nn.GRU(3, 3), "encoder": line(3, 5)}
    opened = gv.open_model(path := saved(tmp_path / "m.pt", parts))
    assert opened.embedding is None
    assert SEVERAL.format("'memory', 'encoder'") in opened.notes
    opened = gv.open_model(path, vocabulary=[*"abcdefg"])
    assert (opened.embedding_name, opened.readout_name) == ("memory", "encoder")


def test_an_order_of_the_alphabet_is_no_evidence(tmp_path):
    state = nn.ModuleDict({"rec": nn.GRU(8, 8), "answer": line(8, 2)}).state_dict()
    torch.save({name: state[name] for name in sorted(state)}, tmp_path / "m.pt")
    save_file(state, tmp_path / "m.safetensors")
    for file in ("m.pt", "m.safetensors"):
        opened = gv.open_model(tmp_path / file)
        assert (opened.embedding, opened.readout) == (None, None)
        assert ASKED.format("answer") in opened.notes
        [choices] = choices_of(tmp_path / file)
        assert (choices.embeddings, choices.readouts) == (("answer",), ("answer",))
        assert gv.open_model(tmp_path / file, embedding=False).readout_name == "answer"
        assert gv.open_model(tmp_path / file, readout="answer").embedding is None
    both = nn.ModuleDict({"rec": nn.GRU(8, 8), "q": nn.Embedding(5, 8), "fc": nn.Linear(8, 2)})
    save_file(both.state_dict(), tmp_path / "m.safetensors")
    opened = gv.open_model(tmp_path / "m.safetensors")  # the readout is known by its bias
    assert (opened.embedding_name, opened.readout_name) == ("q", "fc")


def test_a_vocabulary_decides_by_its_size(tmp_path):
    parts = {"a": nn.Embedding(27, 32), "rec": nn.LSTM(32, 32), "b": line(32, 5)}
    state = nn.ModuleDict(parts).state_dict()
    save_file(state, path := tmp_path / "m.safetensors")
    opened = gv.open_model(path)
    assert SEVERAL.format("'a', 'b'") in opened.notes
    for vocabulary in (LETTERS, [*LETTERS], {one: k for k, one in enumerate(LETTERS)}):
        opened = gv.open_model(path, vocabulary=vocabulary)
        assert (opened.embedding_name, opened.readout_name) == ("a", "b")
        assert opened.vocabulary == tuple(LETTERS)
    with pytest.raises(ValueError, match=r"This text has 3 .*fit as the embedding: 'a', 'b'"):
        gv.open_model(path, vocabulary="xyz")
    turned = {"b": parts["b"], "rec": parts["rec"], "a": parts["a"]}
    opened = gv.open_model(saved(tmp_path / "m.pt", turned), vocabulary=LETTERS)
    assert (opened.embedding_name, opened.readout_name) == ("a", "b")
    named = {"emb": nn.Embedding(27, 8), "pos_emb": nn.Embedding(50, 8), "rec": nn.GRU(8, 9)}
    opened = gv.open_model(saved(tmp_path / "m.pt", named), vocabulary=LETTERS)
    assert opened.embedding_name == "emb"


def test_a_vocabulary_of_the_file_decides_unless_places_contradict(tmp_path):
    parts = {"a": nn.Embedding(27, 8), "rec": nn.LSTM(8, 8), "b": line(8, 5)}
    state = nn.ModuleDict(parts).state_dict()
    mixed = {name: state[name] for name in sorted(state)}
    torch.save({"state_dict": mixed, "itos": [*LETTERS]}, tmp_path / "m.pt")
    opened = gv.open_model(tmp_path / "m.pt")
    assert (opened.embedding_name, opened.readout_name) == ("a", "b")
    assert opened.vocabulary == tuple(LETTERS)
    speech = {"rec": nn.LSTM(8, 8), "b": line(8, 27)}  # reads numbers, answers in letters
    opened = gv.open_model(saved(tmp_path / "m.pt", speech, itos=[*LETTERS]))
    assert (opened.embedding, opened.readout_name) == (None, "b")


def test_the_embedding_isnt_said_to_come_after_the_readout(tmp_path):
    parts = {"gru": nn.Embedding(10, 5), "h": nn.GRU(5, 9), "Wx": line(9, 5)}
    opened = gv.open_model(saved(tmp_path / "m.pt", parts))
    assert (opened.embedding_name, opened.readout_name) == ("gru", "Wx")


def test_a_matrix_of_one_row_is_no_embedding(tmp_path):
    parts = {"attn": line(8, 1), "rec": nn.GRU(8, 8), "fc": nn.Linear(8, 4)}
    opened = gv.open_model(path := saved(tmp_path / "m.pt", parts))
    assert (opened.embedding, opened.readout_name) == (None, "fc")
    assert gv.open_model(path, embedding="attn").embedding_name == "attn"
    save_file(nn.ModuleDict(parts).state_dict(), tmp_path / "m.safetensors")
    opened = gv.open_model(tmp_path / "m.safetensors")
    assert (opened.embedding, opened.readout_name) == (None, "fc")
    assert not any("could be the embedding" in note for note in opened.notes)
    other = {"attn": line(8, 1), "rec": nn.GRU(8, 6), "fc": nn.Linear(6, 4)}  # I is not H
    assert gv.open_model(saved(tmp_path / "m.pt", other)).embedding is None
    two = {"attn": parts["attn"], "q": nn.Embedding(9, 8), "rec": parts["rec"], "z": line(8, 9)}
    opened = gv.open_model(saved(tmp_path / "m.pt", two))
    assert (opened.embedding_name, opened.readout_name) == ("q", "z")
    named = {"embedding": nn.Embedding(1, 8), "rec": nn.GRU(8, 8), "fc": nn.Linear(8, 4)}
    assert gv.open_model(saved(tmp_path / "m.pt", named)).embedding_name == "embedding"
    after = {"rec": nn.GRU(8, 8), "w": line(8, 1)}
    assert gv.open_model(saved(tmp_path / "m.pt", after)).readout_name == "w"
