"""Figures as SVG: what is drawn is at the place of its values."""

import re
import struct
import zlib
from base64 import b64decode

import numpy as np
import pytest

from gatesviz.figures import Curve, flow_curves
from gatesviz.figures.style import empty
from gatesviz.figures.svg import to_svg


def test_a_curve_is_drawn_at_its_values() -> None:
    """Pixels are proportional to the steps back and to the logarithm."""
    values = 10.0 ** np.linspace(-9, 0, 11)
    figure = flow_curves([Curve("RNN", values, "rnn_tanh")])
    [path] = re.findall(r'stroke-width="3" d="([^"]*)"', to_svg(figure, "A curve"))
    moves = np.array(re.findall(r"[Ml](-?[\d.]+) (-?[\d.]+)", path), float)
    x, y = moves.cumsum(axis=0).T
    steps, logs = np.arange(10, -1, -1)[::-1], np.log10(values)[::-1]
    for pixels, numbers in ((x, steps), (y, logs)):
        fit = np.polyfit(numbers, pixels, 1)
        assert abs(fit[0]) > 10
        np.testing.assert_allclose(np.polyval(fit, numbers), pixels, atol=0.6)


def test_a_map_is_a_picture_with_one_pixel_for_each_value() -> None:
    """The first row is at the bottom, and the ends of the colours are those of Cividis."""
    figure = empty("light")
    figure.add_heatmap(x=[0, 1], y=[0, 1], z=[[0.0, 1.0], [1.0, np.nan]], zmin=0, zmax=1)
    [data] = re.findall(r"base64,([^\"]+)", to_svg(figure, "A map"))
    png = b64decode(data)
    assert struct.unpack(">II", png[16:24]) == (2, 2)
    at = png.index(b"IDAT")
    rows = zlib.decompress(png[at + 4 : at + 4 + struct.unpack(">I", png[at - 4 : at])[0]])
    dark, bright, none = bytes.fromhex("00224e"), bytes.fromhex("fee838"), bytes([128] * 3)
    assert rows == b"\0" + bright + none + b"\0" + dark + bright


def test_words_are_text_and_unknown_traces_are_named() -> None:
    drawn = to_svg(empty("light").update_xaxes(title_text="<i>x</i>", range=[0, 1]), "<b>")
    assert "&lt;i&gt;x&lt;/i&gt;" in drawn
    assert 'aria-label="&lt;b&gt;"' in drawn
    with pytest.raises(ValueError, match="a trace 'surface'"):
        to_svg(empty("light").add_surface(x=[0, 1], y=[0, 1], z=[[0, 1], [1, 2]]), "A surface")


def test_a_logarithmic_axis_has_a_label_at_each_power_of_ten() -> None:
    figure = empty("light", height=300)
    figure.add_scatter(x=[0.01, 1.0, 10.0], y=[0.0, 0.0, 0.0], mode="lines")
    figure.update_xaxes(type="log", range=[-2.5, 1.5])
    figure.update_yaxes(range=[-1, 1], tickvals=[0], ticktext=["zero"])
    found = re.findall(
        r'<text x="(\d+)" y="\d+" class="middle">([^<]+)</text>', to_svg(figure, "?")
    )
    at = {label: int(x) for x, label in found}
    assert list(at) == ["0.01", "0.1", "1", "10"]
    assert np.diff(list(at.values())) == pytest.approx([np.diff(list(at.values()))[0]] * 3, abs=1)
