"""Settings of a page: a `Field` is the widget, the link parameter and the check of one setting.

Each page has one table of fields. It gives the widgets (`Field.draw`), the parameters of links
(`parameters`) and the values of a saved run (`from_spec`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import streamlit as st

from gatesviz.ui.links import Choice, Number, Parameter, Switch, Text, Whole
from gatesviz.ui.locks import is_locked, note_drawn
from gatesviz.ui.widget_memory import forget_remembered, remember, restore

Look = Literal["select", "segments", "toggle", "checkbox", "slider", "number", "text", "area"]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One setting.

    Attributes:
        key: its name in the link, which is also the key of its widget.
        label: label of the widget.
        takes: the allowed values.
        default: the value without a link; None leaves a number field empty.
        help: one or two sentences of help; "" for none.
        look: the kind of widget; by default the usual one for the kind of value.
        setting: the name of the same setting in `TrainingSpec`, or "".
        options: further arguments of the Streamlit widget, such as ``step`` and ``format``.
    """

    key: str
    label: str
    takes: Parameter
    default: Any
    help: str = ""
    look: Look | None = None
    setting: str = ""
    options: Mapping[str, Any] | None = None

    _USUAL: ClassVar[Mapping[type, Look]] = {
        Choice: "select",
        Switch: "toggle",
        Whole: "number",
        Number: "number",
        Text: "text",
    }

    def draw(self, **changes: Any) -> Any:
        """Draw the widget and return its value. If the link locks it, it can't be changed.

        Args:
            changes: arguments of the Streamlit widget that depend on other settings, such as
                ``options`` or ``max_value``.
        """
        look = self.look or self._USUAL[type(self.takes)]
        given: dict[str, Any] = {"key": self.key, "bind": "query-params", "help": self.help or None}
        given |= {**(self.options or {}), **changes}
        if given["key"] == self.key:
            note_drawn(self.key)
        if is_locked(self.key):
            given["disabled"] = True
        return getattr(self, f"_{look}")(given)

    def draw_unbound(self, **changes: Any) -> Any:
        """Draw the widget without binding it to the address bar, and return its value.

        It starts with the link's value, and the page writes its value into the link. What the
        server writes replaces the whole address, so a bound value that is moved in that moment
        gets lost. Use this where a page writes other parts of its address at every move.

        Args:
            changes: as for `draw`. A value that is not one of the ``options`` becomes the first,
                and one above ``max_value`` becomes that.
        """
        restore(self.key)
        self.begin()
        options = changes.get("options")
        if options is not None and st.session_state[self.key] not in options:
            st.session_state[self.key] = options[0]
        if "max_value" in changes:
            st.session_state[self.key] = min(st.session_state[self.key], changes["max_value"])
        value = self.draw(bind=None, **changes)
        remember(self.key)
        return value

    def begin(self) -> None:
        """Put the link's value, or the default, into the session if this setting is not there."""
        st.session_state.setdefault(_UNBOUND, set()).add(self.key)
        if self.key not in st.session_state:
            text = st.query_params.get(self.key, "")
            wrong = self.takes.problem(text)
            st.session_state[self.key] = self.default if wrong else self.from_link(text)

    def _select(self, given: dict[str, Any]) -> Any:
        options = self._choices(given)
        return st.selectbox(self.label, options, given.pop("index", self._place(options)), **given)

    def _segments(self, given: dict[str, Any]) -> Any:
        options = self._choices(given)
        start = given.pop("default", options[self._place(options)])
        chosen = st.segmented_control(self.label, options, default=start, required=True, **given)
        return chosen or start

    def _toggle(self, given: dict[str, Any]) -> bool:
        return st.toggle(self.label, self.default, **given)

    def _checkbox(self, given: dict[str, Any]) -> bool:
        return st.checkbox(self.label, self.default, **given)

    def _slider(self, given: dict[str, Any]) -> Any:
        return st.slider(self.label, **self._range(given), **given)

    def _number(self, given: dict[str, Any]) -> Any:
        return st.number_input(self.label, **self._range(given), **given)

    def _text(self, given: dict[str, Any]) -> Any:
        most = self.takes.most if isinstance(self.takes, Text) else None
        return st.text_input(self.label, self.default, max_chars=most, **given)

    def _area(self, given: dict[str, Any]) -> str:
        text = st.text_area(self.label, given.pop("value", self.default), height=96, **given)
        return text or ""

    def _choices(self, given: dict[str, Any]) -> list[str]:
        """Return the options: those given, or all that the field takes."""
        if "options" in given:
            return list(given.pop("options"))
        assert isinstance(self.takes, Choice)
        return list(self.takes.options)

    def _place(self, options: list[str]) -> int:
        return options.index(self.default) if self.default in options else 0

    def _range(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return the smallest, largest and first value, all as int or all as float."""
        if isinstance(self.takes, Whole):
            kind, span = int, self.takes.limit
        else:
            assert isinstance(self.takes, Number)
            kind, span = float, self.takes.span  # type: ignore[assignment]
        low, high = (
            given.pop(f"{end}_value", kind(getattr(span, name)))
            for end, name in (("min", "low"), ("max", "high"))
        )
        first = given.pop("value", self.default)
        first = None if first is None else min(max(kind(first), low), high)
        return {"min_value": low, "max_value": high, "value": first}

    def from_link(self, text: str) -> Any:
        """Return the value that the widget holds for ``text`` of a link, which must be allowed."""
        if isinstance(self.takes, Switch):
            return text.lower() == "true"
        if isinstance(self.takes, Whole):
            return int(float(text))
        if isinstance(self.takes, Choice):
            return self.takes.option(text)
        return self.held(text)

    def read(self, query: Mapping[str, str]) -> Any:
        """Return the value in the parameters of a link, which must be allowed, or the default."""
        return self.from_link(query[self.key]) if self.key in query else self.default

    def held(self, value: Any) -> Any:
        """Return ``value`` as the widget holds it: as a float in a field of real numbers."""
        return float(value) if isinstance(self.takes, Number) and value is not None else value


def write_unbound(texts: Mapping[str, str]) -> None:
    """Write settings that aren't bound into the address; "" removes one.

    Only what differs is written, because each change is sent to the browser.
    """
    for name, text in texts.items():
        if not text:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != text:
            st.query_params[name] = text


def forget_unbound() -> None:
    """Forget the values of unbound widgets and of those that are not drawn.

    They then start with the values of the link, as on a cold visit.
    """
    for key in st.session_state.get(_UNBOUND, ()):
        st.session_state.pop(key, None)
    forget_remembered()


_UNBOUND = "unbound fields"


def parameters(fields: Iterable[Field]) -> dict[str, Parameter]:
    """Return key -> the values that a link may give."""
    return {field.key: field.takes for field in fields}


def from_spec(fields: Iterable[Field], spec: object) -> dict[str, Any]:
    """Return key -> the widget's value for ``spec``, for fields with a `setting`."""
    return {
        field.key: field.held(getattr(spec, field.setting)) for field in fields if field.setting
    }
