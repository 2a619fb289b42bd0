"""Models from files: PyTorch state dicts, safetensors, Keras and ONNX.

`open_model` returns the recurrent part as a module, with its embedding, readout and vocabulary.
`choices_of` lists what a file leaves open. Readers turn a file into `Contents`; `model` makes the
module. Nothing in a file is run.
"""

from gatesviz.model_files.choices import PartChoices as PartChoices
from gatesviz.model_files.choices import choices_of as choices_of
from gatesviz.model_files.model import open_model as open_model
from gatesviz.model_files.opened import OpenedModel as OpenedModel
from gatesviz.model_files.vocabulary import read_vocabulary as read_vocabulary
