"""The first weights of a run, as a script draws and sets them."""

from textwrap import indent

from gatesviz.cells import CELLS
from gatesviz.training.spec import TrainingSpec


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
    body = [f"biases.data[{_rows(spec, gate)}] = {to} if first else 0.0" for gate, to in _set(spec)]
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
    if spec.chrono:
        chrono = CELLS[spec.cell].biases.chrono
        return [(gate, f"{'-' * (sign < 0)}keep.log()") for gate, sign in chrono.items()]
    return [(gate, repr(value)) for gate, value in spec.set_biases.items()]


def _rows(spec: TrainingSpec, gate: str) -> str:
    """Return the slice of a gate's H rows."""
    blocks = CELLS[spec.cell].blocks
    k = blocks.index(gate)
    ends = [f"{n if n > 1 else ''}{' * ' * (n > 1)}H" if n else "" for n in (k, k + 1)]
    if k == 0:
        return f":{ends[1]}"
    return f"{ends[0]} :" if k + 1 == len(blocks) else f"{ends[0]} : {ends[1]}"


def _open(spec: TrainingSpec) -> str:
    if spec.forget_gate:
        return ""
    forget = CELLS[spec.cell].biases.forget
    assert forget is not None  # checked by the spec
    return f"""
for name, rows in module.named_parameters():
    if "weight" in name:
        rows.data[{_rows(spec, forget)}] = 0.0  # so that {forget} is sigmoid(100), which is 1"""
