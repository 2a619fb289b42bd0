"""Views of lessons' steps, made with the functions of the app's pages, so they show its numbers."""

from collections.abc import Callable, Mapping, Sequence

from gatesviz.export.views.compare import compare
from gatesviz.export.views.feed import feed
from gatesviz.export.views.gradients import gradients
from gatesviz.export.views.inside import inside
from gatesviz.export.views.train import train
from gatesviz.export.views.view import Option as Option
from gatesviz.export.views.view import Player as Player
from gatesviz.export.views.view import Still as Still
from gatesviz.export.views.view import View as View
from gatesviz.export.views.what_if import what_if
from gatesviz.lessons import Step

PAGES: Mapping[str, Callable[[Mapping[str, str], Sequence[str]], View]] = {
    "feed": feed,
    "inside": inside,
    "gradients": gradients,
    "what_if": what_if,
    "compare": compare,
    "train": train,
}
"""Name of a page -> the function that makes its views."""


def view_of(step: Step) -> View:
    """Return what the page of ``step`` shows, as far as a static page can."""
    return PAGES[step.page](step.query, step.show)
