"""Write the ONNX files of the tests that PyTorch's dynamo exporter makes, and what they compute.

The exporter needs onnxscript. Made with PyTorch 2.13, onnx 1.23.2 and onnxscript 0.7.2.
"""

import json
from pathlib import Path

import onnx
import torch
from torch import nn

FOLDER = Path(__file__).parent / "onnx_files"
GIVEN = [[1, 2, 3, 0, 5]]
KINDS = {
    "lstm": lambda: nn.LSTM(6, 5, 2, batch_first=True),
    "gru": lambda: nn.GRU(6, 5, bidirectional=True, batch_first=True),
    "rnn": lambda: nn.RNN(6, 5, batch_first=True),
    "projected": lambda: nn.LSTM(6, 5, batch_first=True, proj_size=3),
}


class Net(nn.Module):
    """An embedding, a recurrent part and a linear layer."""

    def __init__(self, rnn: nn.Module) -> None:
        super().__init__()
        self.emb, self.rnn = nn.Embedding(11, 6), rnn
        width = rnn.proj_size or rnn.hidden_size
        self.fc = nn.Linear(width * (1 + rnn.bidirectional), 7)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.rnn(self.emb(x))[0])


def strip_notes(path: Path) -> None:
    """Remove the exporter's notes, which hold the stack traces and paths of this machine."""
    model = onnx.load(path)
    graph = model.graph
    parts = [model, graph, *graph.node, *graph.input, *graph.output, *graph.value_info]
    for part in [*parts, *graph.initializer]:
        part.ClearField("doc_string")
        part.ClearField("metadata_props")
    path.write_bytes(model.SerializeToString())


def main() -> None:
    expected = {}
    for name, make in KINDS.items():
        torch.manual_seed(0)
        net, x = Net(make()).eval(), torch.tensor(GIVEN)
        path = FOLDER / f"{name}.onnx"
        torch.onnx.export(net, (x,), path, dynamo=True, external_data=False)
        strip_notes(path)
        expected[name] = net(x)[0].tolist()
    (FOLDER / "expected.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    main()
