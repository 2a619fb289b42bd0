"""The answers of an opened model: what its readout reads of a recording, and what it gives.

A readout after a bidirectional module has inputs from both directions, and shapes don't show of
which steps they are. Many models read both directions at the same step. Many classifiers read the
final states: the forward state of the last step and the backward state of the first step.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor, nn

from gatesviz.model_files.contents import Part, quoted
from gatesviz.model_files.vocabulary import from_mapping
from gatesviz.model_files.vocabulary_names import CLASS_NAMES, is_of_answers

if TYPE_CHECKING:
    from gatesviz.recordings import Recording

ReadoutInput = Literal["output", "h_n"]
"""The output of each step, or the final states of the last layer."""
OUTPUT: ReadoutInput = "output"
FINAL: ReadoutInput = "h_n"
FINAL_STATES = "the forward state of the last step and the backward state of the first step"
UNSURE = (
    "The file doesn't show what the readout reads of the two directions: both at the same step, or"
    f" the final states ({FINAL_STATES}). The answers differ. Choose with readout_input='output'"
    " or 'h_n'."
)
READS_FINAL = f"The readout reads the final states h_n once: {FINAL_STATES}."
READS_LAST = (
    "In the file, the readout reads the last step only. Its answer at an earlier step is what the"
    " model answers if the sequence ends there."
)
READS_FIRST = (
    "In the file, the readout reads only the step that the module reads last, the first one of the"
    " sequence. Its answer at an earlier step of a recording is what the model answers if the"
    " sequence begins there."
)
BACKWARDS = (
    "{} reads a sequence from its last step to its first. `features` returns the steps in that"
    " order. If you pass other inputs, reverse them. Step 0 of a recording is the last step of the"
    " sequence."
)
READS_OUTPUT = "At each step, the readout reads the output of both directions at that step."


def readout_input_of(
    part: Part, given: str | None, readout: object
) -> tuple[ReadoutInput | None, str]:
    """Return what the readout reads, None if that isn't known, and a note on it or "".

    Raises:
        ValueError: if ``given`` is not "output", "h_n" or None.
    """
    if given not in (None, OUTPUT, FINAL):
        raise ValueError(f"readout_input: expected 'output' or 'h_n', got {quoted(given)}")
    if readout is None or not part.bidirectional:
        once = readout is not None and part.once is True and given is None
        last = READS_FIRST if part.backwards else READS_LAST
        return (FINAL if given == FINAL else OUTPUT), last if once else ""
    if given is None and part.once is None:
        return None, UNSURE
    final = part.once if given is None else given == FINAL
    return (FINAL, READS_FINAL) if final else (OUTPUT, READS_OUTPUT)


def read_by(readout: nn.Linear, recording: "Recording", reads: ReadoutInput) -> Tensor:
    """Return what ``readout`` gives for a recording: (..., O) from its output, or from h_n."""
    if reads == OUTPUT:
        read = torch.from_numpy(recording.output)
    else:
        state = recording.state[0] if isinstance(recording.state, tuple) else recording.state
        ways = len(recording.directions)
        read = torch.cat([*torch.from_numpy(state)[-ways:]], -1)
    with torch.no_grad():
        found: Tensor = readout(read.to(readout.weight.dtype))
    return found


def names_of_answers(
    extras: Mapping[str, object], readout: nn.Linear | None
) -> tuple[tuple[str, ...] | None, str]:
    """Return the names that a checkpoint has for the readout's answers, and a note on them.

    They are a list of different texts, one for each answer, under a usual name such as "classes".
    Or they are a mapping such as {"noun": 0, "verb": 1} under a name such as "tag2id".
    """
    for name, value in extras.items():
        last = name.rpartition(".")[2]
        if readout is None or not (last in CLASS_NAMES or is_of_answers(last)):
            continue
        try:
            given = from_mapping(value) if isinstance(value, Mapping) else value
        except ValueError:
            continue
        if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
            continue
        if len(given) == len(set(given)) == readout.out_features:
            return tuple(given), f"The names of the answers are {quoted(name)} of the file."
    return None, ""
