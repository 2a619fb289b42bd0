"""What the browser has asked of a run, as long as no callback has learned of it."""

from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests

from gatesviz.ui.widget_states import united

_ASKED = "gatesviz_asked"


class Asked:
    """What was asked of one run, as long as no callback has learned of it.

    Attributes:
        states: the widgets of each request; those of a later one contain those of an earlier one.
        left: the widgets of a request of another page, which the browser has left since.
        moved: whether another run has them now.
    """

    def __init__(self) -> None:
        self.states: list[WidgetStates] = []
        self.left: WidgetStates | None = None
        self.moved = False


def asked_of(requests: ScriptRequests) -> Asked:
    """Return what was asked of a run. The caller holds the lock of ``requests`` to change it."""
    asked: Asked = requests.__dict__.setdefault(_ASKED, Asked())
    return asked


def take(requests: ScriptRequests, states: WidgetStates | None) -> bool:
    """Take a request, and those that it contains. Return False if another run has it."""
    with requests._lock:
        asked = asked_of(requests)
        places = [k for k, one in enumerate(asked.states) if one is states]
        if places:
            del asked.states[: places[-1] + 1]
        return not asked.moved


def take_left(requests: ScriptRequests) -> tuple[WidgetStates | None, bool]:
    """Take what was asked of the page before, and say whether the run itself goes on."""
    with requests._lock:
        asked = asked_of(requests)
        left, asked.left = asked.left, None
        return left, not asked.moved


def move_all(requests: ScriptRequests) -> tuple[WidgetStates | None, WidgetStates | None]:
    """Take all requests of a run that has been stopped, and those of the page before."""
    with requests._lock:
        asked = asked_of(requests)
        states: WidgetStates | None = None
        for one in asked.states:
            states = united(states, one)
        left = asked.left
        asked.moved = bool(asked.states or left)
        asked.states, asked.left = [], None
        return states, left
