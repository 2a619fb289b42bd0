"""A model that writes, against a plain loop of PyTorch's own module."""

import hashlib

import numpy as np
import pytest
import torch

import gatesviz as gv
from gatesviz.fresh import fresh
from gatesviz.limits import WRITTEN_LETTERS
from gatesviz.sequences import parse_text
from gatesviz.tasks import TASKS, continue_text, text_task
from gatesviz.tasks.writing import uniform
from gatesviz.trained import load_trained

MODEL = load_trained("characters-lstm")


def plain_loop(prompt: str, letters: int, temperature: float, seed: int) -> tuple[str, list[float]]:
    """Write with the whole text read anew for each letter: no state is carried on."""
    text, chances = prompt, []
    for k in range(letters):
        inputs = torch.zeros(len(text), 1, len(MODEL.vocabulary))
        for t, character in enumerate(text):
            inputs[t, 0, MODEL.vocabulary.index(character)] = 1
        with torch.no_grad():
            logits = MODEL.readout(MODEL.module(inputs)[0])[-1, 0].double() / temperature
        shares = np.exp(logits.numpy() - logits.numpy().max())
        shares /= shares.sum()
        digest = hashlib.sha256(f"{seed} {k} {prompt}".encode()).hexdigest()
        point, total = int(digest[:16], 16) // 2**11 / 2**53, 0.0
        index = -1
        while total <= point:
            index += 1
            total += shares[index]
        text += MODEL.vocabulary[index]
        chances.append(shares[index])
    return text[len(prompt) :], chances


@pytest.mark.parametrize(("temperature", "seed"), [(0.3, 0), (0.7, 0), (0.7, 1), (1.0, 5)])
def test_the_text_is_that_of_a_plain_loop(temperature: float, seed: int) -> None:
    prompt = "the first argument is"
    written = MODEL.continue_text(prompt, 60, temperature=temperature, seed=seed)
    text, chances = plain_loop(prompt, 60, temperature, seed)
    assert written.text == text
    np.testing.assert_allclose(written.chances, chances, atol=1e-5)
    assert str(written) == prompt + text


def test_a_recording_of_the_whole_text_has_the_chances_that_chose_each_letter() -> None:
    written = MODEL.continue_text("return a", 80, temperature=1.0, seed=3)
    sequence = parse_text(str(written), MODEL.vocabulary, strict=True)
    answers = MODEL.answers(gv.record(MODEL.module, torch.from_numpy(sequence.values)).output)
    first = len(written.prompt)
    drawn = [MODEL.vocabulary.index(character) for character in written.text]
    shares = answers[np.arange(first - 1, first + 79), drawn]
    np.testing.assert_allclose(shares, written.chances, atol=1e-5)


def test_the_same_arguments_give_the_same_text_and_others_another() -> None:
    whole = MODEL.continue_text("a class", 120, seed=1)
    assert MODEL.continue_text("a class", 120, seed=1).text == whole.text
    assert MODEL.continue_text("a class", 40, seed=1).text == whole.text[:40]
    assert MODEL.continue_text("a class", 120, seed=2).text != whole.text
    assert MODEL.continue_text("a class", 120, seed=1, temperature=0.8).text != whole.text
    state = torch.get_rng_state()
    MODEL.continue_text("a class", 3)
    assert torch.equal(state, torch.get_rng_state())


def test_the_texts_of_two_prompts_stay_apart() -> None:
    """With one row of random numbers for all prompts, their texts become the same text."""
    one, other = (MODEL.continue_text(p, 400, seed=0).text for p in ("the", "this is a"))
    same = sum(a == b for a, b in zip(one[200:], other[200:], strict=True))
    assert same < 60  # by chance, about 15 of 200


def test_a_prompt_is_read_as_the_model_can() -> None:
    assert MODEL.continue_text("A Class!\n", 30).text == MODEL.continue_text("a class ", 30).text
    assert MODEL.continue_text("A Class!\n", 30).prompt == "a class "


def test_random_numbers_are_even_and_of_one_letter_each() -> None:
    points = np.array([uniform(0, "a", k) for k in range(2_000)])
    assert 0 <= points.min() < 0.01
    assert 0.99 < points.max() < 1
    assert points.mean() == pytest.approx(0.5, abs=0.03)
    assert uniform(1, "2 a", 3) != uniform(1, "a", 2)


@pytest.mark.parametrize("cell", ["rnn_tanh", "gru", "lstm"])
def test_a_low_temperature_takes_the_likeliest_letter(cell: str) -> None:
    text = "abcd" * 100
    task, module = text_task(text), fresh(cell, 4, 6, layers=2)
    readout = torch.nn.Linear(6, 4)
    with torch.no_grad():
        weights = np.random.default_rng(0).uniform(-80, 80, (4, 6))
        readout.weight.copy_(torch.from_numpy(weights))
    written = continue_text(task, module, readout, "ab", 10, temperature=0.1)
    read = "ab"
    for letter in written.text:
        inputs = torch.eye(4)[["abcd".index(c) for c in read]][:, None]
        with torch.no_grad():
            assert "abcd"[readout(module(inputs)[0])[-1, 0].argmax()] == letter
        read += letter


def test_what_cannot_write_is_refused() -> None:
    with pytest.raises(ValueError, match="can't write: it doesn't predict characters"):
        load_trained("recall-lstm").continue_text("A", 3)
    with pytest.raises(ValueError, match="can't write: it doesn't predict characters"):
        load_trained("wave-lstm").continue_text("1", 3)
    with pytest.raises(ValueError, match="the model knows no character of it, only ' abc"):
        MODEL.continue_text("你好", 3)
    with pytest.raises(ValueError, match="knows no character"):
        MODEL.continue_text("", 3)
    with pytest.raises(ValueError, match="letters to write: 0 is outside"):
        MODEL.continue_text("a", 0)
    with pytest.raises(ValueError, match=f"{WRITTEN_LETTERS.high + 1:,} is outside"):
        MODEL.continue_text("a", WRITTEN_LETTERS.high + 1)
    for temperature in (0.0, 2.5, float("nan")):
        with pytest.raises(ValueError, match="temperature: "):
            MODEL.continue_text("a", 3, temperature=temperature)
    with pytest.raises(ValueError, match="seed: -1 is outside"):
        MODEL.continue_text("a", 3, seed=-1)
    task = TASKS["characters"]
    both = fresh("lstm", task.input_size, 4, bidirectional=True)
    with pytest.raises(ValueError, match="a bidirectional module can't continue"):
        continue_text(task, both, torch.nn.Linear(8, task.output_size), "a", 3)


def test_a_model_of_your_own_run_writes_as_its_modules_do() -> None:
    spec = gv.TrainingSpec(task="characters", cell="gru", hidden_size=6, layers=2, seed=3)
    model = gv.start(spec).model
    module, readout = model.modules()
    written = model.continue_text("a list", 20, temperature=1.0, seed=2)
    same = continue_text(model.task, module, readout, "a list", 20, temperature=1.0, seed=2)
    assert written.text == same.text
    attentive = gv.TrainingSpec(task="characters", hidden_size=6, attention=True)
    with pytest.raises(ValueError, match="a model with attention can't be continued"):
        gv.start(attentive).model.continue_text("a", 3)
