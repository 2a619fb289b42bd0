"""Prepared views: a step's page and parameters, checked against its settings."""

from collections.abc import Mapping

from gatesviz.lessons import Step
from gatesviz.ui.compare.parameters import PARAMETERS as COMPARE
from gatesviz.ui.feed.parameters import PARAMETERS as FEED
from gatesviz.ui.gradients.parameters import PARAMETERS as GRADIENTS
from gatesviz.ui.inside.parameters import PARAMETERS as INSIDE
from gatesviz.ui.links import Parameter, complaints
from gatesviz.ui.player import PARAMETERS as PLAYER
from gatesviz.ui.train.parameters import PARAMETERS as TRAIN
from gatesviz.ui.what_if.parameters import PARAMETERS as WHAT_IF

SETTINGS: Mapping[str, Mapping[str, Parameter]] = {
    "feed": FEED,
    "inside": INSIDE,
    "train": TRAIN,
    "what_if": WHAT_IF,
    "gradients": GRADIENTS,
    "compare": COMPARE,
}
"""Name of a page -> its settings, without the player's."""


def problems(step: Step) -> list[str]:
    """Return a sentence for each part of the step's view that its page does not accept."""
    if step.page not in SETTINGS:
        return [f"There is no page {step.page!r}; expected one of {', '.join(SETTINGS)}."]
    known = {**SETTINGS[step.page], **PLAYER}
    found = complaints({key: [value] for key, value in step.query.items()}, known)
    return found + [f"show: {step.page} has no control {k!r}." for k in step.show if k not in known]
