"""Models from files: PyTorch state dicts, safetensors, Keras and ONNX.

`open_model` returns the recurrent part as a module, with its embedding, readout and vocabulary.
Readers turn a file into `Contents`; `model` makes the module. Nothing in a file is run.
"""

from gatesviz.model_files.model import OpenedModel as OpenedModel
from gatesviz.model_files.model import open_model as open_model
