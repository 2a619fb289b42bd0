"""The widgets of requests: what one request has of another one, and which are clicks."""

from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.scriptrunner_utils import script_requests


def united(old: WidgetStates | None, new: WidgetStates | None) -> WidgetStates | None:
    """Return the widgets of two requests: of the newer one where both have a value, and all clicks.

    The request of another page has few widgets, and the reader's last move isn't one of them.
    """
    united: WidgetStates | None = script_requests._coalesce_widget_states(old, new)
    if old is None or united is None or united is old:
        return united
    known = {widget.id for widget in united.widgets}
    united = WidgetStates(widgets=united.widgets)
    united.widgets.extend(widget for widget in old.widgets if widget.id not in known)
    return united


def without_clicks(states: WidgetStates | None) -> WidgetStates | None:
    """Return the widgets of a request without those that were only pressed."""
    if states is None:
        return None
    return WidgetStates(widgets=[one for one in states.widgets if not is_click(one)])


def is_click(widget: WidgetState) -> bool:
    """Return whether a widget was pressed, such as a button."""
    return bool(script_requests._has_active_trigger_value(widget))


def only_reports(old: WidgetStates | None, new: WidgetStates | None) -> bool:
    """Return whether two requests differ in values of components alone, such as a player's."""
    known = {widget.id: widget for widget in old.widgets} if old is not None else {}
    return all(
        widget.WhichOneof("value") == "json_value" or widget == known.get(widget.id)
        for widget in (new.widgets if new is not None else ())
    )
