"""Open the file that your own training script saved, and look at its gates on your text."""

import torch
from torch import nn

import gatesviz as gv


class Writer(nn.Module):  # your own class, with your own names
    def __init__(self, letters: int) -> None:
        super().__init__()
        self.letters = nn.Embedding(letters, 8)
        self.memory = nn.LSTM(8, 16, batch_first=True)
        self.decide = nn.Linear(16, letters)


alphabet = "abcdefghijklmnopqrstuvwxyz "
checkpoint = {"model_state_dict": Writer(len(alphabet)).state_dict(), "epoch": 12}
torch.save(checkpoint, "checkpoint.pt")  # … in your training script

opened = gv.open_model("checkpoint.pt", vocabulary=alphabet)
print(*opened.notes, sep="\n")

recording = gv.record(opened.module, opened.features("hello world"))
forget = recording.trace().gates["f"]
print("forget gate, mean over units:", forget.mean(axis=1).round(2))

answers = opened.readout(torch.from_numpy(recording.output)).softmax(-1)
print("after 'hello world', it expects:", repr(alphabet[answers[-1].argmax()]))
