"""A convolution in front of the recurrent module."""

from torch import Tensor, nn
from torch.nn import functional


class CausalConvolution(nn.Conv1d):
    """``torch.nn.Conv1d`` over the steps that have been, then a ReLU.

    Step t reads the inputs of steps t − k + 1 to t. Before the first step stand k − 1 of zeros, so
    that there are as many steps as before.

    Attributes:
        weight, bias: (C, I, k) and (C,); ``weight[:, :, -1]`` is for the step itself.
    """

    def forward(self, inputs: Tensor) -> Tensor:
        """Return what the C channels say of ``inputs`` (T, B, I): (T, B, C)."""
        (width,) = self.kernel_size
        padded = functional.pad(inputs.permute(1, 2, 0), (width - 1, 0))
        return super().forward(padded).relu().permute(2, 0, 1)
