"""Record two layers, both directions and samples of different lengths."""

import torch
from torch.nn.utils.rnn import pack_sequence

import gatesviz as gv

gru = torch.nn.GRU(2, 4, num_layers=2, bidirectional=True)
samples = pack_sequence([torch.randn(steps, 2) for steps in (9, 5, 7)], enforce_sorted=False)

recording = gv.record(gru, samples)
print(recording)

second = recording.trace(layer=1, direction="backward")
print("z of the second layer, read backward:", second.gates["z"].shape)
print("lengths:", second.lengths, "- beyond them the arrays hold NaN")
print("sample 1 alone:", second.sample(1).gates["z"].shape)
