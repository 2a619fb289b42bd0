"""A cell that gatesviz does not ship: described as CONTRIBUTING's "Add a cell" says, and an oracle.

The minimal gated unit with one gate: f = σ(W_f·x + U_f·h), n = tanh(W_n·x + f·(U_n·h)),
h' = (1 − f)·n + f·h.
"""

from dataclasses import replace

import torch
from torch import Tensor, nn

from gatesviz.cells import Biases, Carried, Cell, Equation, Gate, Look, Step, products


def step(x, state, weights) -> Step:
    h = state["h"]
    from_input, from_state = products(x, h, weights)
    (f_x, n_x), (f_h, n_h) = from_input.chunk(2, -1), from_state.chunk(2, -1)
    f = (f_x + f_h).sigmoid()
    n = (n_x + f * n_h).tanh()
    return Step(state={"h": (1 - f) * n + f * h}, gates={"f": f, "n": n})


MGU = Cell(
    key="mgu",
    name="minimal gated unit",
    short="MGU",
    word="mgu",
    gates=(
        Gate("f", "forget gate", 0, 1, r"f = \sigma(W_f x + U_f h)", "How much of h stays."),
        Gate("n", "candidate", -1, 1, r"n = \tanh(W_n x + f \odot U_n h)", "The new content."),
    ),
    states=("h",),
    blocks=("f", "n"),
    equations=(
        Equation("f", "sigmoid(Wx_f + Wh_f)"),
        Equation("n", "tanh(Wx_n + f * Wh_n)"),
        Equation("h'", "(1 - f) * n + f * h"),
    ),
    convention="f = 1 keeps the old state, and f also gates the candidate.",
    step=step,
    carried=Carried("h", "f"),
    biases=Biases(forget="f", chrono={"f": 1}),
    look=Look("#117733", "cross"),
    compared=True,
)

changed = replace


class OwnLoop(nn.Module):
    """The same cell written again, gate by gate, with the parameters of a module of one layer."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        H = module.hidden_size
        for name, parameter in module.double().named_parameters():
            for gate, part in zip("fn", parameter.detach().split(H), strict=True):
                self.register_parameter(f"{name[:-3]}_{gate}", nn.Parameter(part.clone()))

    def sums(self, gate: str, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        w = dict(self.named_parameters())
        return (
            nn.functional.linear(x, w[f"weight_ih_{gate}"], w[f"bias_ih_{gate}"]),
            nn.functional.linear(h, w[f"weight_hh_{gate}"], w[f"bias_hh_{gate}"]),
        )

    def forward(self, x: Tensor, h: Tensor) -> dict[str, list[Tensor]]:
        """Return every gate and state of every step, with the first state in front."""
        found: dict[str, list[Tensor]] = {"f": [], "n": [], "h": [h]}
        for now in x:
            f = torch.sigmoid(sum(self.sums("f", now, h)))
            from_x, from_h = self.sums("n", now, h)
            n = torch.tanh(from_x + f * from_h)
            h = n + f * (h - n)
            for name, value in (("f", f), ("n", n), ("h", h)):
                found[name].append(value)
        return found
