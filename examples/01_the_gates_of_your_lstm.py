"""Get every gate of your own LSTM as arrays."""

import torch

import gatesviz as gv

lstm = torch.nn.LSTM(input_size=3, hidden_size=5)
x = torch.randn(20, 4, 3)  # 20 steps, 4 samples, 3 features

recording = gv.record(lstm, x)

f = recording.trace().gates["f"]
print("forget gate:", f.shape, "mean", f.mean().round(3))
print("cell state, with the one before the first step:", recording.trace().states["c"].shape)
difference = abs(recording.output - lstm(x)[0].detach().numpy())
print("largest difference from the module's output:", difference.max())
