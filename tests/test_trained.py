"""The weights that ship: they load, they score what they say, and they can be made again."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import gatesviz.trained as trained
from gatesviz.trained import load_trained, trained_info, trained_names
from gatesviz.trained.train import ACTING, RECIPES, held_out, main, score, train, work, write

EVERY = pytest.mark.parametrize("name", trained_names())


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_all_models_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in trained.FOLDER.glob("*.safetensors")) <= 120_000


def test_every_recipe_ships() -> None:
    assert sorted(trained_names()) == sorted(RECIPES)


@EVERY
def test_a_model_loads_as_its_file_says(name: str) -> None:
    model, info = load_trained(name), trained_info(name)
    assert (model.name, model.score, model.description) == (name, info.score, info.description)
    assert model.module.hidden_size == model.hidden_size == model.readout.in_features
    assert model.module.input_size == model.task.input_size
    assert model.readout.out_features == len(model.answer_names)
    assert model.vocabulary == model.task.vocabulary
    assert not model.module.training
    assert not model.module.batch_first
    assert model.module.num_layers == 1
    assert (trained.FOLDER / f"{name}.safetensors").stat().st_size <= 100_000


@EVERY
def test_the_score_is_reached_again(name: str) -> None:
    model = load_trained(name)
    reached, baseline = score(model.task, model.module, model.readout)
    # Another Python brings another text, so characters get more room.
    room = 0.15 if model.task.key == "characters" else 0.005
    assert reached == pytest.approx(model.score, abs=room)
    assert baseline == pytest.approx(model.baseline, abs=room)
    assert model.task.beats(reached, baseline)
    assert model.solved
    assert f": {model.task.describe_score(model.score)}" in model.description


@EVERY
def test_the_description_names_the_penalty_of_the_training_loss(name: str) -> None:
    info, recipe = trained_info(name), RECIPES[name]
    acts = {"lstm": "i or o was large, or f was small", "gru": "r or z was small"}
    penalised = f"In training, the loss grew if {acts.get(recipe.cell)}."
    assert (penalised in info.description) == (recipe.work > 0)
    assert ("the loss grew" in info.description) == (recipe.work > 0)
    assert ("at the question marks" in info.description) == (recipe.task == "recall")
    assert trained.ACTIVE.keys() == ACTING.keys()


@EVERY
def test_answers_equal_the_readout(name: str) -> None:
    model, batch = load_trained(name), held_out(trained_info(name).task)
    with torch.no_grad():
        output = model.module(batch.inputs[:, :8])[0]
        said = model.readout(output)
    answers = model.answers(output.numpy())
    assert answers.shape == (*output.shape[:2], len(model.answer_names))
    wanted = said if said.shape[-1] == 1 else said.softmax(-1)
    np.testing.assert_allclose(answers, wanted.numpy(), atol=1e-5)
    np.testing.assert_allclose(model.answers(output[:, 0].numpy()), answers[:, 0])


def test_each_call_makes_a_module_of_its_own_and_draws_nothing() -> None:
    before = torch.get_rng_state()
    first, second = load_trained("recall-lstm"), load_trained("recall-lstm")
    with torch.no_grad():
        first.module.weight_ih_l0.zero_()
    assert second.module.weight_ih_l0.abs().sum() > 0
    assert torch.equal(before, torch.get_rng_state())


def test_the_wave_models_do_more_than_repeat_the_last_number() -> None:
    for name in ("wave-rnn", "wave-gru", "wave-lstm"):
        model = load_trained(name)
        batch = held_out(model.task)
        assert model.score < model.task.score(batch.inputs, batch) / 3


@pytest.mark.parametrize("name", ["recall-lstm", "brackets-rnn", "wave-gru"])
def test_the_same_seed_trains_the_same_bits(name: str) -> None:
    before = torch.get_rng_state()
    first, again, other = (
        train(replace(RECIPES[name], seed=seed), stop=3)[0].state_dict() for seed in (5, 5, 6)
    )
    assert all(torch.equal(first[k], again[k]) for k in first)
    assert not torch.equal(first["weight_ih_l0"], other["weight_ih_l0"])
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("name", ["recall-lstm", "brackets-gru", "wave-rnn"])
def test_the_first_updates_learn_something(name: str) -> None:
    task, losses = trained_info(name).task, []
    batch = held_out(task)
    for stop in (0, 25):
        module, readout = train(RECIPES[name], stop=stop)
        losses.append(float(task.loss(readout(module(batch.inputs)[0]).detach(), batch)))
    assert losses[1] < 0.9 * losses[0]


@EVERY
def test_writing_a_model_again_gives_its_file(name: str, tmp_path: Path) -> None:
    model = load_trained(name)
    told = write(name, model.module, model.readout, tmp_path)
    shipped, again = (folder / f"{name}.safetensors" for folder in (trained.FOLDER, tmp_path))
    if told["score"] == model.score and told["baseline"] == model.baseline:
        assert again.read_bytes() == shipped.read_bytes()
    else:  # another processor rounds otherwise
        assert again.stat().st_size == pytest.approx(shipped.stat().st_size, abs=8)


def test_work_counts_what_gates_do() -> None:
    ones, zeros = torch.ones(2, 3, 4), torch.zeros(2, 3, 4)
    assert work({"i": zeros, "f": ones, "g": ones, "o": zeros}) == 0
    assert work({"i": ones, "f": ones, "g": ones, "o": zeros}) == pytest.approx(1 / 3)
    assert work({"r": ones, "z": zeros, "n": ones}) == pytest.approx(1 / 2)
    with pytest.raises(ValueError, match="has none"):
        work({})


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"no trained model 'chess'.*recall-lstm"):
        load_trained("chess")
    with pytest.raises(ValueError, match="no trained model"):
        trained_info("../trained/recall-lstm")
    with pytest.raises(SystemExit, match=r"no recipe for chess; expected recall-rnn"):
        main(["chess"])


def test_answers_want_the_hidden_size() -> None:
    with pytest.raises(ValueError, match=r"output has shape \(3, 2\), expected \(\.\.\., 6\)"):
        load_trained("recall-lstm").answers(np.zeros((3, 2)))


def test_a_foreign_or_broken_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load_trained("recall-lstm")
    told = write("recall-lstm", model.module, model.readout, tmp_path)
    monkeypatch.setattr(trained, "FOLDER", tmp_path)
    path = tmp_path / "recall-lstm.safetensors"
    assert load_trained("recall-lstm").score == model.score
    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(ValueError, match=r"recall-lstm\.safetensors is None"):
        trained_info("recall-lstm")
    save_file({"a": torch.zeros(1)}, path, {"gatesviz": json.dumps(told)})
    with pytest.raises(ValueError, match=r"holds \{'a': \(1,\)\}, expected"):
        load_trained("recall-lstm")


def test_reading_about_a_model_loads_no_torch() -> None:
    code = (
        "import sys; from gatesviz.trained import trained_info, trained_names;"
        "print([trained_info(name).description for name in trained_names()]);"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
