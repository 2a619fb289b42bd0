"""A vocabulary as Python or NumPy prints it: pasted, from a file, as an argument. None is run."""

import json
import pprint
import random
from collections import OrderedDict

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import gatesviz as gv
from gatesviz.model_files import read_vocabulary

LETTERS = [" ", "'", '"', "\\", "\n", "\t", "(", ",", "[", "]", "é", "😀", "a", ":", "="]
STOI = {letter: k for k, letter in enumerate(LETTERS)}
ITOS = dict(enumerate(LETTERS))
PRINTED = {
    "list": str(LETTERS),
    "tuple": str(tuple(LETTERS)),
    "token to index": str(STOI),
    "index to token": str(ITOS),
    "shuffled": str(dict(random.Random(0).sample([*STOI.items()], len(STOI)))),
    "a name in front": f"stoi = {STOI}\n",
    "an annotation": f"vocab: list[str] = {LETTERS}",
    "on many lines": pprint.pformat(STOI, width=20),
    "a comma at the end": "[\n" + "".join(f"    {letter!r},\n" for letter in LETTERS) + "]\n",
    "inside another": str({"itos": LETTERS, "size": 15}),
    "tuples inside": str({"meta": {"chars": tuple(LETTERS)}}),
    "a wrapper": f"OrderedDict({STOI})",
    "keys": str(STOI.keys()),
    "escapes": ascii(LETTERS),
    "JSON": json.dumps(LETTERS),
    "NumPy's texts": str([*np.array(LETTERS)]),
    "NumPy's numbers": str(dict(zip(LETTERS, np.arange(15), strict=True))),
    "NumPy's numbers to texts": str(dict(zip(np.arange(15), np.array(LETTERS), strict=True))),
    "NumPy by its full name": str([*np.array(LETTERS)]).replace("np.", "numpy."),
    "an array": str(np.array(LETTERS)),
    "an array's repr": repr(np.array(LETTERS)),
    "an array of objects": f"chars = np.{np.array(LETTERS, object)!r}",
}


@pytest.mark.parametrize("form", PRINTED)
def test_what_is_printed_is_read_as_the_entries_themselves(form):
    assert read_vocabulary(PRINTED[form], [15]) == LETTERS
    assert read_vocabulary(PRINTED[form], []) == LETTERS


def test_open_model_reads_it_as_a_text_and_from_a_file(tmp_path):
    torch.save(nn.GRU(15, 3).state_dict(), tmp_path / "m.pt")
    for name in ("v.txt", "v.json", "v.py"):
        (tmp_path / name).write_text(str(STOI), encoding="utf-8")
        opened = gv.open_model(tmp_path / "m.pt", vocabulary=tmp_path / name)
        assert opened.vocabulary == tuple(LETTERS)
    for printed in (str(LETTERS), f"itos = {ITOS}", str(OrderedDict(STOI)).replace("\n", "")):
        if "OrderedDict([" not in printed:  # of Python before 3.12
            assert gv.open_model(tmp_path / "m.pt", vocabulary=printed).vocabulary == tuple(LETTERS)


BROKEN = {
    "cut": "[' ', 'a', 'b'",
    "too few": "['a', 'b']",
    "mapping, too few": "{'a': 0, 'b': 1}",
    "numbers": "[0, 1, 2]",
    "bytes": "[b'a', b'b', b'c']",
    "a set": "{'a', 'b', 'c'}",
    "twice": "['a', 'a', 'b']",
    "a key twice": "{'a': 0, 'b': 1, 'a': 2}",
    "a key twice, JSON": '{"a": 0, "b": 1, "a": 2}',
    "a key twice inside another": "{'stoi': {'a': 0, 'b': 1, 'a': 2}}",
    "a number twice": "{0: 'a', 1: 'b', 0: 'c'}",
    "a gap": "{'a': 0, 'b': 1, 'c': 3}",
    "a missing comma": "['a' 'b', 'c']",
    "a missing comma in a mapping": "{'a': 0, 'b' 'x': 1, 'c': 2}",
    "a long array": repr(np.array([str(k) for k in range(2_000)])),
    "code": "['a', 'b', __import__('os').system('touch executed')]",
    "a call": "['a', 'b', chr(99)]",
    "another's names": "[os.str_('a'), os.str_('b'), os.str_('c')]",
    "NumPy's numbers alone": str([*np.arange(3)]),
    "NumPy's functions": "[np.str_('a'), np.str_('b'), np.load('c')]",
    "a call inside NumPy's": "[np.str_('a'), np.str_('b'), np.str_(chr(99))]",
    "two texts inside NumPy's": "[np.str_('a'), np.str_('b'), np.str_('c', 'utf-8')]",
    "a wrong kind of array": "array(['a', 'b', 'c'], dtype=object, order='C')",
    "deep": "(" * 200_000 + "'a'" + ")" * 200_000,
    "minus signs": "[" + "-" * 200_000 + "1, 'a']",
    "a long number": "['a', 'b', " + "9" * 100_000 + "]",
}


@pytest.mark.parametrize("form", BROKEN)
def test_a_wrong_one_is_refused_and_names_the_vocabulary(form, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"^vocabulary: .*[Ee]xpected") as refused:
        read_vocabulary(BROKEN[form], [3])
    assert len(str(refused.value)) < 300
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("form", ["{'a': 0, 'a': 1}", '{"a": 0, "a": 1}', "{0: 'a', 0: 'b'}"])
def test_an_entry_that_occurs_twice_is_never_lost(form, tmp_path):
    """Python and JSON keep the last one; then the numbers seem to begin at 1."""
    twice = "0" if form.startswith("{0") else "'a'"
    for sizes in ([2], []):
        with pytest.raises(ValueError, match=f"^vocabulary: {twice} occurs twice, expected diff"):
            read_vocabulary(form, sizes)
    torch.save(nn.GRU(2, 3).state_dict(), tmp_path / "m.pt")
    (tmp_path / "v.json").write_text(form)
    with pytest.raises(ValueError, match=f"^'v.json': {twice} occurs twice"):
        gv.open_model(tmp_path / "m.pt", vocabulary=tmp_path / "v.json")


def test_a_repeated_key_in_the_metadata_of_safetensors_makes_no_vocabulary(tmp_path):
    metadata = {"vocab": '{"a": 0, "a": 1}'}
    save_file(nn.GRU(2, 3).state_dict(), tmp_path / "m.safetensors", metadata)
    assert gv.open_model(tmp_path / "m.safetensors").vocabulary is None
    metadata = {"vocab": '{"a": 0, "b": 1}'}
    save_file(nn.GRU(2, 3).state_dict(), tmp_path / "m.safetensors", metadata)
    assert gv.open_model(tmp_path / "m.safetensors").vocabulary == ("a", "b")


def test_the_sentence_shows_what_is_expected():
    for form in ("cut", "numbers", "a set", "a missing comma", "code"):
        with pytest.raises(ValueError, match=r"such as \['a', 'b'\] or \{'a': 0, 'b': 1\}$"):
            read_vocabulary(BROKEN[form], [3])


@pytest.mark.parametrize("text", ["()", "[]", "()[]{}", "[(\"ab'", "{'=", "([a])="])
def test_bare_characters_that_begin_with_a_bracket_stay_characters(text):
    assert read_vocabulary(text, [len(text)]) == [*text]


def test_words_and_lines_that_begin_with_a_bracket_stay_what_they_are():
    assert read_vocabulary("( ) the cat", [4]) == ["(", ")", "the", "cat"]
    assert read_vocabulary("(\n)\nthe cat", [3]) == ["(", ")", "the cat"]


def test_a_text_in_a_checkpoint_is_never_a_path(tmp_path):
    secret = tmp_path / "v.txt"
    secret.write_text("".join(chr(200 + k) for k in range(len(str(secret)))), encoding="utf-8")
    model = nn.GRU(len(str(secret)), 3).state_dict()
    torch.save({"model": model, "vocab": str(secret)}, tmp_path / "m.pt")
    assert gv.open_model(tmp_path / "m.pt").vocabulary is None
