"""Known results that ship: found by their settings alone, and equal to what was measured."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gatesviz.experiments import Machine
from gatesviz.experiments.experiment import Trial
from gatesviz.experiments.known import CARDS, release
from gatesviz.experiments.known.release import released, write
from tests.experiments.made import result

TRAINED = [card for card in CARDS.values() if not card.exact]
TRIAL = CARDS["T5"].trials[0]


def test_a_result_comes_back_with_what_the_cards_read(tmp_path: Path) -> None:
    file = tmp_path / "released.json"
    measured = replace(
        result(TRIAL, 0.75, None),
        losses=np.ones(3, np.float32),
        gradient_norms=np.ones(3, np.float32),
        weights=np.linspace(-1, 1, 7, dtype=np.float32),
    )
    write([measured], file)
    (trial, back), *rest = released([*CARDS["T1"].trials, TRIAL], file).items()
    assert (trial, rest) == (TRIAL, [])
    assert (back.score, back.solved_at, back.updates) == (0.75, None, 3)
    np.testing.assert_array_equal(back.weights, measured.weights)
    assert np.isnan(back.losses).all()
    assert back.measured == measured.measured
    assert back.machine == Machine(2, "2.13.0", release.MACHINE)
    assert str(tmp_path) not in file.read_text()


def test_a_run_without_a_finite_score_is_valid_json(tmp_path: Path) -> None:
    file = tmp_path / "released.json"
    write([replace(result(TRIAL, float("nan"), None), stopped="a loss of nan")], file)
    json.loads(file.read_text(), parse_constant=pytest.fail)
    back = released([TRIAL], file)[TRIAL]
    assert np.isnan(back.score)
    assert back.stopped == "a loss of nan"


def test_another_version_of_pytorch_finds_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "released.json"
    write([result(TRIAL, 0.75)], file)
    key = TRIAL.key
    monkeypatch.setattr("gatesviz.experiments.experiment.torch_version", lambda: "9.9.9+other")
    other = Trial(TRIAL.spec, TRIAL.updates, TRIAL.until_solved)
    assert other.key != key
    assert released([other], file)[other].machine.torch == "2.13.0"
    longer = Trial(TRIAL.spec, TRIAL.updates + 1, TRIAL.until_solved)
    assert released([longer], file) == {}


def test_without_a_file_nothing_ships(tmp_path: Path) -> None:
    assert released([TRIAL], tmp_path / "none.json") == {}


@pytest.mark.parametrize("card", TRAINED, ids=lambda card: card.key)
def test_the_package_ships_every_trained_card(card) -> None:
    found = released(card.trials)
    assert found.keys() == set(card.trials)
    assert {str(r.machine).split(",")[0] for r in found.values()} == {
        "the computer that built this release"
    }
    outcome = card.outcome(found)
    assert outcome.status in ("pass", "fail")
    assert all(len(row.values) == row.band.count for row in outcome.rows)


def test_the_file_is_small() -> None:
    assert release.FILE.stat().st_size < 300_000
