"""Write the animated player to one HTML file that works offline."""

from pathlib import Path

import torch

import gatesviz as gv

text = "the gates of this lstm are its own"
alphabet = sorted(set(text))
x = torch.nn.functional.one_hot(torch.tensor([alphabet.index(letter) for letter in text])).float()

recording = gv.record(torch.nn.LSTM(len(alphabet), 8), x)
recording.to_html("player.html", labels=list(text), title="An untrained LSTM reads a sentence")

print(f"player.html: {Path('player.html').stat().st_size / 1000:.0f} kB")
