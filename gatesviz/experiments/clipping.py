"""Clipping: one training with it and one without, from recurrent weights that are too large."""

from gatesviz.experiments.experiment import Experiment, grid

SETTINGS = {
    "task": "adding",
    "cell": "rnn_tanh",
    "hidden_size": 16,
    "length": 50,
    "optimiser": "sgd",
    "learning_rate": 0.3,
}
GAIN, CLIP, UPDATES = 3.0, 1.0, 300


def clipping_experiment(gain: float = GAIN, clip: float = CLIP, seed: int = 0) -> Experiment:
    """Return the experiment of two runs: without clipping, then with clipping.

    A tanh RNN with 16 units learns to add two marked numbers among 50, by plain gradient descent at
    0.3. Its recurrent weights start at ``gain`` times PyTorch's default. Only the clipping differs:
    a gradient whose norm exceeds ``clip`` is scaled down to it (Pascanu, Mikolov & Bengio 2013).
    `Result.gradient_norms` are the norms before clipping.

    The task, the sizes and the rate are ours. They show the difference in seconds with any of 12
    seeds. At a rate of 0.1 the run is chaotic, and the processor decides whether it explodes.

    Raises:
        ValueError: if a number is not allowed.
    """
    axes: list[dict[str, float | None]] = [{"clip": None}, {"clip": clip}]
    specs = grid(SETTINGS | {"gain": gain, "seed": seed}, axes)
    question = "What does a cliff in the loss do to training?"
    return Experiment("clipping", question, specs, UPDATES, until_solved=False)
