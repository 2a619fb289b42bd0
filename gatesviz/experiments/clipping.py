"""What clipping is for: one training with it and one without, from too large recurrent weights."""

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
    """Return the experiment of two runs: without clipping, then with it.

    A tanh RNN with 16 units learns to add two marked numbers among 50, by plain gradient descent at
    0.3, from recurrent weights ``gain`` times PyTorch's own. What differs is the clipping alone.
    The task, the sizes and the rate are ours, chosen so that the difference shows in seconds, with
    any of 12 seeds: at 0.1 the run is chaotic, and whether it explodes is up to the processor. The
    remedy is that of Pascanu, Mikolov & Bengio 2013: a gradient whose norm is larger than ``clip``
    is shortened to it. `Result.gradient_norms` are those before clipping.

    Raises:
        ValueError: if a number is not allowed.
    """
    axes: list[dict[str, float | None]] = [{"clip": None}, {"clip": clip}]
    specs = grid(SETTINGS | {"gain": gain, "seed": seed}, axes)
    question = "What does a steep wall in the loss do to training?"
    return Experiment("clipping", question, specs, UPDATES, until_solved=False)
