"""The first weights of a run, as a script draws and sets them."""

from textwrap import indent

from gatesviz.training.spec import OPEN, TrainingSpec


def around(spec: TrainingSpec) -> dict[str, str]:
    """Return the parts that only some have -> how many numbers each output of theirs reads."""
    fans = {}
    if spec.convolution is not None:
        fans["convolution"] = str(spec.learned.input_size * spec.convolution)
    if spec.attention:
        fans["attention"] = "attention.in_features"
    return fans


def first_weights(spec: TrainingSpec) -> str:
    """The first weights, in the order in which they are drawn."""
    start = """weights = torch.Generator().manual_seed(SEED)


def draw(part, fan):
    for parameter in part.parameters():
        nn.init.uniform_(parameter, -1 / math.sqrt(fan), 1 / math.sqrt(fan), generator=weights)


draw(module, H)
draw(readout, readout.in_features)"""
    last = "".join(f"\ndraw({part}, {fan})" for part, fan in around(spec).items())
    return start + _gain(spec) + _biases(spec) + _open(spec) + last


def _gain(spec: TrainingSpec) -> str:
    if spec.gain == 1:
        return ""
    return f"""
for name, parameter in module.named_parameters():
    if "weight_hh" in name:
        parameter.data *= {float(spec.gain)!r}"""


def _biases(spec: TrainingSpec) -> str:
    """Biases that are set: parts of H rows of every layer and direction."""
    rows = {"f": "H : 2 * H", "z": "H : 2 * H", "i": ":H", "o": "3 * H :"}
    body = [f"biases.data[{rows[gate]}] = {to} if first else 0.0" for gate, to in _set(spec)]
    if not body:
        return ""
    if spec.chrono:
        body[:0] = ["if first:", "    keep = torch.empty(H).uniform_(1, T - 1, generator=weights)"]
    return f"""
for name, biases in module.named_parameters():
    if "bias" in name:
        first = "bias_ih" in name  # the other half is zero
{indent(chr(10).join(body), " " * 8)}"""


def _set(spec: TrainingSpec) -> list[tuple[str, str]]:
    """Return which gate's biases are set, and to what."""
    if spec.chrono and spec.cell == "gru":
        return [("z", "keep.log()")]
    if spec.chrono:
        return [("f", "keep.log()"), ("i", "-keep.log()")]
    forget = spec.forget_bias if spec.forget_gate else OPEN
    given = {"f": forget, "i": spec.gate_bias, "o": spec.gate_bias}
    return [(gate, repr(float(value))) for gate, value in given.items() if value is not None]


def _open(spec: TrainingSpec) -> str:
    if spec.forget_gate:
        return ""
    return """
for name, rows in module.named_parameters():
    if "weight" in name:
        rows.data[H : 2 * H] = 0.0  # so that f is sigmoid(100), which is 1: c' = c + i * g"""
