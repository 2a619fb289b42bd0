"""Let the character model continue a text, and see how open its gates were at each letter."""

import torch

import gatesviz as gv
from gatesviz.sequences import parse_text

model = gv.load_trained("characters-lstm")
written = model.continue_text("the first argument", 40, temperature=0.5, seed=1)
print(written)

sequence = parse_text(str(written), model.vocabulary)
gates = gv.record(model.module, torch.from_numpy(sequence.values)).trace().gates
for k, letter in enumerate(written.text[:12]):
    t = len(written.prompt) + k - 1  # the step that chose this letter
    opened = "  ".join(f"{name} {gates[name][t].mean():.2f}" for name in "ifo")
    print(repr(letter), f"chance {written.chances[k]:.0%}  {opened}")
