"""Models made by hand, of which every unit's work is known."""

import torch

from gatesviz.training import TrainedModel, TrainingSpec, start

BIG = 100.0


def counter() -> tuple[torch.nn.RNN, torch.nn.Linear]:
    """Return an RNN (relu) that reads "(", ")" and "a", and a readout.

    Unit 1 counts the open brackets, and is read out. Unit 0 computes the same, but reaches nothing.
    Unit 2 is 1 at "a", unit 3 always 2, and they reach nothing, either.
    """
    module, readout = torch.nn.RNN(3, 4, nonlinearity="relu"), torch.nn.Linear(4, 1)
    with torch.no_grad():
        for parameter in (*module.parameters(), *readout.parameters()):
            parameter.zero_()
        module.weight_ih_l0[:2, :2] = torch.tensor([1.0, -1.0])
        module.weight_ih_l0[2, 2] = 1
        module.weight_hh_l0[:2, 1] = 1
        module.bias_ih_l0[3] = 2
        readout.weight[0, 1] = 1
    return module, readout


def texts(batch: int, length: int, seed: int = 0) -> list[str]:
    """Return texts of brackets and "a"; some brackets close what isn't open."""
    drawn = torch.randint(3, (batch, length), generator=torch.Generator().manual_seed(seed))
    return ["".join("()a"[k] for k in row) for row in drawn.tolist()]


def one_hot(written: list[str], letters: str = "()a") -> torch.Tensor:
    """Return texts of one length as (T, B, V)."""
    numbers = torch.tensor([[letters.index(letter) for letter in text] for text in written])
    return torch.eye(len(letters))[numbers].transpose(0, 1).contiguous()


def latch(holding: int, length: int = 20) -> TrainedModel:
    """Return an LSTM of three units for the task “latch”, of which ``holding`` is read out.

    Units 0 and 2 keep c = 1 after A and −1 after B for good, and h reaches no gate. Unit 1 does
    nothing.
    """
    spec = TrainingSpec(task="latch", cell="lstm", hidden_size=3, length=length)
    module, readout = start(spec).model.modules()
    with torch.no_grad():
        for parameter in (*module.parameters(), *readout.parameters()):
            parameter.zero_()
        for unit in (0, 2):
            rows = [unit + 3 * gate for gate in range(4)]  # i, f, g, o
            module.bias_ih_l0[rows] = torch.tensor([-BIG, BIG, 0, BIG])
            module.weight_ih_l0[rows[0], :2] = 2 * BIG
            module.weight_ih_l0[rows[2], :2] = torch.tensor([BIG, -BIG])
        readout.weight[:, holding] = torch.tensor([1.0, -1.0])
    flat = torch.nn.utils.parameters_to_vector([*module.parameters(), *readout.parameters()])
    return TrainedModel(spec, 0, flat.detach().numpy())
