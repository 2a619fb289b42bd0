"""See when the gates open in a small trained LSTM that remembers a letter."""

import torch

import gatesviz as gv
from gatesviz.sequences import parse_text

model = gv.load_trained("recall-lstm")
print(model.description)

sequence = parse_text(model.example, model.vocabulary)
recording = gv.record(model.module, torch.from_numpy(sequence.values))
gates = recording.trace().gates
answers = model.answers(recording.output)

for t, letter in enumerate(sequence.labels[:12]):
    opened = "  ".join(f"{name} {gates[name][t].mean():.2f}" for name in "ifo")
    print(letter, opened, "->", model.answer_names[answers[t].argmax()])
