"""What follows a readout's sums, in the player's JavaScript and in torch."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from torch import nn

from gatesviz.player.panels import Follows
from gatesviz.recordings.activated import FUNCTIONS, ActivatedLinear, activated, follows
from gatesviz.tasks.readouts import linear_readout

PLAYER = Path(__file__).parents[2] / "gatesviz" / "player"
SUMS = [-40.0, -3.0, -0.5, 0.0, 1e-9, 0.7, 2.0, 30.0]
SCRIPT = """
import { follow } from "./engine.js";
const found = {};
for (const kind of %s) {
  const values = Float64Array.from(%s);
  follow(values, kind);
  found[kind] = [...values];
}
console.log(JSON.stringify(found));
"""


def readout(name: str, outputs: int = 2) -> ActivatedLinear:
    made = ActivatedLinear(3, outputs)
    made.activation = name
    return made


@pytest.mark.parametrize("name", [*FUNCTIONS, "softmax"])
def test_a_browser_is_given_each_activation_where_the_answers_are_numbers(name: str) -> None:
    made = readout(name)
    assert follows(made) in get_args(Follows)
    sent = linear_readout(made, "number")
    assert sent is not None
    assert sent.kind == follows(made)
    np.testing.assert_array_equal(sent.weight, made.weight.detach())
    assert linear_readout(made, "choice") is None
    assert linear_readout(nn.Linear(3, 2), "choice").kind == "choice"


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_the_browser_computes_each_activation_as_torch_does(tmp_path: Path) -> None:
    for file in PLAYER.glob("*.js"):
        shutil.copy(file, tmp_path)
    kinds = [*get_args(Follows)]
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "run.js").write_text(SCRIPT % (json.dumps(kinds), json.dumps(SUMS)))
    run = ["node", "run.js"]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    found, sums = json.loads(done.stdout), torch.tensor(SUMS, dtype=torch.float64)
    expected = {"number": sums, "choice": sums.softmax(0), "set": sums.sigmoid()}
    expected |= {follows(readout(name)): activated(readout(name), sums) for name in FUNCTIONS}
    assert {*found} == {*expected}
    for kind, values in found.items():
        np.testing.assert_allclose(values, expected[kind], rtol=1e-8, atol=1e-12, err_msg=kind)
