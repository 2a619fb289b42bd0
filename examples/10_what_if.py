"""Change a gate or a state: does a trained LSTM still know the letter at "?"."""

import torch

import gatesviz as gv

model = gv.load_trained("recall-lstm")


def one_hot(text: str) -> torch.Tensor:
    return torch.eye(len(model.vocabulary))[[model.vocabulary.index(letter) for letter in text]]


def answer(*edits: gv.Edit) -> str:
    recording = gv.record(model.module, one_hot("Ax..zy.zx.?"), edits=edits)
    chances = model.answers(recording.output)[-1]
    return f"{model.answer_names[chances.argmax()]} ({chances.max():.0%})"


print("without edits:        ", answer())
print("f = 0 at step 5:      ", answer(gv.Edit("f", 0.0, steps=5)))
print("h = 0 at step 5:      ", answer(gv.Edit("h", 0.0, steps=5)))
print("o = 0 at steps 3 to 8:", answer(gv.Edit("o", 0.0, steps=slice(3, 9))))

memory = gv.record(model.module, one_hot("Bx..zy.zx.?")).trace().after("c")
print("c from a text with B: ", answer(gv.Edit("c", memory[5], steps=5)))
