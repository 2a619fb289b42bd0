"""Save a recording, load it without running any code, and turn it into a table."""

import torch

import gatesviz as gv

recording = gv.record(torch.nn.LSTM(3, 5), torch.randn(20, 3))
recording.save("recording.safetensors")

again = gv.load("recording.safetensors")
same = again.trace().gates["f"] == recording.trace().gates["f"]
print("same forget gate after loading:", same.all())

frame = again.to_frame()
print(frame.groupby("unit")[["i", "f", "o"]].mean().round(3))
