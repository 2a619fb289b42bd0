"""Static figures: data in, a new ``plotly.graph_objects.Figure`` out.

Each figure has a function ``…_alt`` with its content in words, for ``st.plotly_chart(alt=…)``. The
theme is an argument. Axes are fixed by their meaning, so that figures can be compared. Draw them
with ``theme=None``, or Streamlit replaces the template. Importing this loads Plotly.
"""

from gatesviz.figures.attention import (
    attention_curves,
    attention_curves_alt,
    attention_heatmap,
    attention_heatmap_alt,
)
from gatesviz.figures.bands import band_dots, band_dots_alt
from gatesviz.figures.cliff import cliff_alt, cliff_contours, cliff_surface
from gatesviz.figures.curves import Curve, flow_curves, flow_curves_alt, flow_draft
from gatesviz.figures.horizon import (
    describe_success,
    horizon_squares,
    horizon_squares_alt,
    reach_course,
    reach_course_alt,
)
from gatesviz.figures.influence import (
    influence_heatmap,
    influence_heatmap_alt,
    input_curves,
    input_curves_alt,
)
from gatesviz.figures.norms import norm_curves, norm_curves_alt
from gatesviz.figures.seeds import seed_dots, seed_dots_alt
from gatesviz.figures.style import Theme, written
from gatesviz.figures.training_flow import flow_heatmap, flow_heatmap_alt
from gatesviz.figures.units import (
    unit_bars,
    unit_bars_alt,
    unit_harm,
    unit_harm_alt,
    unit_lane,
    unit_lane_alt,
)

__all__ = [
    "Curve",
    "Theme",
    "attention_curves",
    "attention_curves_alt",
    "attention_heatmap",
    "attention_heatmap_alt",
    "band_dots",
    "band_dots_alt",
    "cliff_alt",
    "cliff_contours",
    "cliff_surface",
    "describe_success",
    "flow_curves",
    "flow_curves_alt",
    "flow_draft",
    "flow_heatmap",
    "flow_heatmap_alt",
    "horizon_squares",
    "horizon_squares_alt",
    "influence_heatmap",
    "influence_heatmap_alt",
    "input_curves",
    "input_curves_alt",
    "norm_curves",
    "norm_curves_alt",
    "reach_course",
    "reach_course_alt",
    "seed_dots",
    "seed_dots_alt",
    "unit_bars",
    "unit_bars_alt",
    "unit_harm",
    "unit_harm_alt",
    "unit_lane",
    "unit_lane_alt",
    "written",
]
