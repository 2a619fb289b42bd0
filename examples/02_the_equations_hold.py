"""Check that c' = f·c + i·g and h' = o·tanh(c') hold in a recording."""

import numpy as np
import torch

import gatesviz as gv

trace = gv.record(torch.nn.LSTM(3, 5).double(), torch.randn(20, 3).double()).trace()
i, f, g, o = (trace.gates[letter] for letter in "ifgo")

c_next = f * trace.before("c") + i * g
h_next = o * np.tanh(c_next)

print("largest difference in c':", abs(c_next - trace.after("c")).max())
print("largest difference in h':", abs(h_next - trace.after("h")).max())

from_input, from_state = trace.products()["f"]
print("largest difference in f:", abs(1 / (1 + np.exp(-(from_input + from_state))) - f).max())
