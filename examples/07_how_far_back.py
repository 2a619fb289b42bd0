"""Measure how far back the gradient reaches in untrained cells."""

import numpy as np
import torch

import gatesviz as gv

x = torch.randn(60, 4, generator=torch.Generator().manual_seed(0))


def last_step(output):
    return output[-1].square().sum()


for cell in (torch.nn.RNN(4, 16), torch.nn.GRU(4, 16), torch.nn.LSTM(4, 16)):
    flow = gv.gradient_flow(cell, x, last_step)
    norms = flow.norms["h"]  # (61,): row t is the norm of dL/dh_t
    print(
        f"{type(cell).__name__:4}  40 steps back: {norms[20] / norms[60]:.0e} of the last,"
        f" halved after {flow.layer().half_life():.1f} steps"
    )

carry, gates = flow.paths["carry"], flow.paths["gates"]
print(
    "along c + through the gates = gradient of c:", np.allclose(carry + gates, flow.gradients["c"])
)
print("along c alone, 40 steps back:", f"{abs(carry[20]).max():.0e}")
print("step whose input has the largest gradient:", np.linalg.norm(flow.inputs, axis=-1).argmax())
print("singular values of dh_60/dh_50:", gv.singular_values(flow.layer().trace)[50, :3])
