"""A readout that looks back: causal dot-product attention over the states of the sequence."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class CausalConvolution(nn.Conv1d):
    """``torch.nn.Conv1d`` over the steps that have been, then a ReLU.

    Step t reads the inputs of steps t − k + 1 to t. Before the first step stand k − 1 of zeros, so
    that there are as many steps as before.

    Attributes:
        weight, bias: (C, I, k) and (C,); ``weight[:, :, -1]`` is for the step itself.
    """

    def forward(self, inputs: Tensor) -> Tensor:
        """Return what the C channels say of ``inputs`` (T, B, I): (T, B, C)."""
        (width,) = self.kernel_size
        padded = functional.pad(inputs.permute(1, 2, 0), (width - 1, 0))
        return super().forward(padded).relu().permute(2, 0, 1)


class AttentiveReadout(nn.Linear):
    """A readout of h at this step and of a mixture of h at this step and all before it.

    The weights of the mixture are a_ts = softmax over s ≤ t of h_tᵀ W_a h_s, the mixture is
    c_t = Σ_s a_ts h_s, and the answer is W [h_t, c_t] + b. This is the "general" score of Luong,
    Pham & Manning 2015, with two differences: a network looks back at its own states, not at
    those of an encoder; and their tanh layer between [h_t, c_t] and the answer is left out.

    F is the size of h, D·H. A backward direction's h has read the future: attention is causal in
    the states, so that a bidirectional network is not.

    Attributes:
        weight, bias: (O, 2·F) and (O,), as in ``torch.nn.Linear``.
        score: W_a, a ``torch.nn.Linear`` of (F, F) without a bias.
    """

    def __init__(self, features: int, answers: int, device: str = "cpu") -> None:
        super().__init__(2 * features, answers, device=device)
        self.score = nn.Linear(features, features, bias=False, device=device)

    def attention(self, h: Tensor) -> Tensor:
        """Return a for ``h`` (T, B, F), of whole sequences: (B, T, T).

        Row t says how much step t looks at each step s; it adds up to 1, and is 0 for s > t.
        """
        return self._attention(h.transpose(0, 1))

    def forward(self, h: Tensor) -> Tensor:
        """Return the answers to ``h`` (T, B, F), of whole sequences: (T, B, O)."""
        states = h.transpose(0, 1)
        mixed = self._attention(states) @ states
        return super().forward(torch.cat([states, mixed], -1)).transpose(0, 1)

    def _attention(self, states: Tensor) -> Tensor:
        """Return a for ``states`` (B, T, F)."""
        scores: Tensor = states @ self.score(states).transpose(1, 2)
        later = torch.ones(scores.shape[1:], dtype=torch.bool).triu(1)
        return scores.masked_fill(later, -math.inf).softmax(-1)
