"""Checkpoints with several vocabularies: an encoder's and a decoder's, or two that differ."""

from pathlib import Path

import pytest
import torch
from torch import nn

import gatesviz as gv

GERMAN = ("der", "hund", "katze", "und", "<unk>")
ENGLISH = ("the", "dog", "cat", "and", "<unk>")


class Reader(nn.Module):
    """An embedding and a GRU, and a readout of each entry if it decodes."""

    def __init__(self, *, decodes: bool) -> None:
        super().__init__()
        self.embedding, self.rnn = nn.Embedding(5, 6), nn.GRU(6, 8)
        if decodes:
            self.out = nn.Linear(8, 5)


def numbered(words: tuple[str, ...]) -> dict[str, int]:
    return {word: number for number, word in enumerate(words)}


def saved(path: Path, names: tuple[str, str] = ("encoder", "decoder"), **held: object) -> Path:
    parts = {name: Reader(decodes=bool(place)) for place, name in enumerate(names)}
    torch.save({"state_dict": nn.ModuleDict(parts).state_dict(), **held}, path)
    return path


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("src_vocab", "trg_vocab"),
        ("src_vocab", "tgt_vocab"),
        ("src_vocab", "target_vocab"),
        ("source_word2idx", "target_word2idx"),
        ("input_vocab", "output_vocab"),
        ("encoderVocab", "decoderVocab"),
        ("src", "trg"),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_each_part_of_a_translation_reads_its_own_words(tmp_path, source, target, order):
    held = dict([(source, numbered(GERMAN)), (target, numbered(ENGLISH))][::order])
    path = saved(tmp_path / "m.pt", **held)
    encoder, decoder = (gv.open_model(path, part=f"{one}.rnn") for one in ("encoder", "decoder"))
    assert (encoder.vocabulary, decoder.vocabulary) == (GERMAN, ENGLISH)
    assert f"The vocabulary is '{target}' of the file." in decoder.notes
    weight = torch.load(path)["state_dict"]["decoder.embedding.weight"]
    torch.testing.assert_close(decoder.features(["cat"]), weight[[2]])


def test_the_name_of_the_embedding_says_which_text_is_read(tmp_path):
    layers = {"rnn": nn.GRU(6, 8), "tgt_embedding": nn.Embedding(5, 6)}
    held = {"src_vocab": numbered(GERMAN), "tgt_vocab": numbered(ENGLISH)}
    torch.save({"net": nn.ModuleDict(layers).state_dict(), **held}, tmp_path / "m.pt")
    assert gv.open_model(tmp_path / "m.pt").vocabulary == ENGLISH


@pytest.mark.parametrize(
    ("names", "held"),
    [
        (("encoder", "decoder"), ("de_stoi", "en_stoi")),
        (("first", "second"), ("src_vocab", "trg_vocab")),
    ],
)
def test_where_no_name_says_which_text_is_read_the_vocabulary_is_asked(tmp_path, names, held):
    words = dict(zip(held, map(numbered, (GERMAN, ENGLISH)), strict=True))
    path = saved(tmp_path / "m.pt", names, **words)
    for name in names:
        opened = gv.open_model(path, part=f"{name}.rnn")
        assert opened.vocabulary is None
        assert (
            f"In the file, '{held[0]}', '{held[1]}' differ, and each could be the vocabulary. Pass"
            " the right one as vocabulary=."
        ) in opened.notes
    chosen = gv.open_model(path, part=f"{names[1]}.rnn", vocabulary=words[held[1]])
    assert chosen.vocabulary == ENGLISH


def test_the_words_of_the_encoder_alone_are_not_those_of_the_decoder(tmp_path):
    path = saved(tmp_path / "m.pt", src_vocab=numbered(GERMAN))
    opened = gv.open_model(path, part="decoder.rnn")
    assert opened.vocabulary is None
    assert (
        "In the file, 'src_vocab' could be the vocabulary of another part. Pass the right one as"
        " vocabulary=."
    ) in opened.notes
    assert gv.open_model(path, part="encoder.rnn").vocabulary == GERMAN
    path = saved(tmp_path / "m.pt", src_vocab=numbered(GERMAN), vocab=numbered(ENGLISH))
    assert gv.open_model(path, part="decoder.rnn").vocabulary == ENGLISH
    torch.save({"net": Reader(decodes=True).state_dict(), "src_vocab": GERMAN}, path)
    assert gv.open_model(path).vocabulary == GERMAN  # the only part of the file


def test_two_usual_names_that_differ_are_asked_about_and_equal_ones_are_not(tmp_path):
    held = {"net": Reader(decodes=True).state_dict(), "chars": [*"xbcde"]}
    torch.save(held | {"stoi": numbered((*"bxcde",))}, tmp_path / "m.pt")
    opened = gv.open_model(tmp_path / "m.pt")
    assert opened.vocabulary is None
    assert any("'chars', 'stoi' differ" in note for note in opened.notes)
    torch.save(held | {"stoi": numbered((*"xbcde",))}, tmp_path / "m.pt")
    assert gv.open_model(tmp_path / "m.pt").vocabulary == (*"xbcde",)


@pytest.mark.parametrize("order", [1, -1])
def test_an_entry_without_a_name_is_named_by_the_other_vocabulary(tmp_path, order):
    """As Keras's `word_index`, which begins at 1, beside a list with the padding."""
    words = {"word_index": {"a": 1, "b": 2, "c": 3, "d": 4}, "vocab": ["<pad>", *"abcd"]}
    held = dict([*words.items()][::order])
    torch.save({"net": Reader(decodes=True).state_dict(), **held}, tmp_path / "m.pt")
    assert gv.open_model(tmp_path / "m.pt").vocabulary == ("<pad>", *"abcd")


def test_the_name_of_a_file_is_no_vocabulary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model of 9 entries, since "vocab.tsv" has 9 characters and "abcdefghi" is a file here."""
    monkeypatch.chdir(tmp_path)
    path, words = tmp_path / "m.pt", [f"w{k}" for k in range(9)]
    torch.save(nn.ModuleDict({"e": nn.Embedding(9, 2), "r": nn.GRU(2, 3)}).state_dict(), path)
    with pytest.raises(ValueError, match=r"is the name of a file.*pass Path\('empty.csv'\)"):
        gv.open_model(path, vocabulary="empty.csv")
    assert gv.open_model(path, vocabulary="abcdefghi").vocabulary == (*"abcdefghi",)
    for name in ("abcdefghi", "vocab.tsv"):
        Path(name).write_text("\n".join(words))
        with pytest.raises(ValueError, match=r"is the name of a file.*pass Path"):
            gv.open_model(path, vocabulary=name)
        assert gv.open_model(path, vocabulary=Path(name)).vocabulary == (*words,)
    assert gv.open_model(path, vocabulary="abcdefgh.").vocabulary == (*"abcdefgh.",)
