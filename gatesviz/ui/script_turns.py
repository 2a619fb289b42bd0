"""One script at a time: Streamlit's runs of pages and fragments take turns.

Streamlit has no public place for this. A lock in the page's own script comes too late, because by
then Streamlit has already prepared the run. Holding back a browser's messages would not do either,
because a message doesn't say when its run has ended. So two methods of Streamlit are wrapped, if
they are still as expected. Otherwise all scripts run at once, and the log says so.
"""

import inspect
import logging
from contextlib import AbstractContextManager
from dataclasses import fields
from functools import wraps
from typing import Any

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner, ScriptRunnerEvent
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

from gatesviz.ui.persons import person
from gatesviz.ui.turns import Turns

_EXPECTED = {
    "_run_script": ["self", "rerun_data"],
    "_on_script_finished": ["self", "ctx", "event", "premature_stop", "run_descriptor"],
}
_TURNS = Turns()
_HURRIES = "page with urgent timers"
_OWN: dict[str, Any] = {}
"""The methods of Streamlit that are wrapped now."""


def take_turns(turns: Turns = _TURNS) -> bool:
    """Let Streamlit run one script at a time from now on. Return whether that is possible."""
    if problem := changed(ScriptRunner):
        logging.getLogger(__name__).warning(
            "Streamlit %s has another way to run scripts (%s), so pages are drawn all at once."
            " Large classes will wait longer. The tested version is in constraints.txt.",
            st.__version__,
            problem,
        )
        return False
    if not _OWN:
        _wrap(turns)
    return True


def end_turns() -> None:
    """Let Streamlit run all scripts at once again."""
    for name in [*_OWN]:
        setattr(ScriptRunner, name, _OWN.pop(name))


def step_aside() -> None:
    """Let other scripts run from now on, because this one will wait or compute long."""
    _TURNS.step_aside()


def hurry(urgent: bool) -> None:
    """Say whether this page waits for something: then its timers are as urgent as a click.

    It holds for this page alone, until it says otherwise or the browser leaves it.
    """
    context = get_script_run_ctx()
    if urgent and context is not None:
        st.session_state[_HURRIES] = context.pages_manager.current_page_script_hash
    else:
        st.session_state.pop(_HURRIES, None)


def aside() -> AbstractContextManager[None]:
    """Let other scripts run while the block waits; this one waits for its turn after it."""
    return _TURNS.aside()


def changed(runner: type[Any]) -> str:
    """Return which part of Streamlit's ``runner`` is not as expected, or ""."""
    for name, expected in _EXPECTED.items():
        method = getattr(runner, name, None)
        if method is None or list(inspect.signature(method).parameters) != expected:
            return name
    if not hasattr(PagesManager, "current_page_script_hash"):
        return "PagesManager"
    if "is_auto_rerun" not in (one.name for one in fields(RerunData)):
        return "RerunData"
    if "self._run_script(" not in inspect.getsource(runner._run_script_thread):
        return "_run_script_thread"
    if "self._on_script_finished(" not in inspect.getsource(runner._run_script):
        return "the end of _run_script"
    return ""


def _wrap(turns: Turns) -> None:
    run, finish = ScriptRunner._run_script, ScriptRunner._on_script_finished
    _OWN.update(_run_script=run, _on_script_finished=finish)

    @wraps(run)
    def run_script(self: ScriptRunner, rerun_data: Any) -> None:
        urgent = not rerun_data.is_auto_rerun or _hurries(self)
        with turns.turn(person() or self._session_id, urgent, self._session_id):
            run(self, rerun_data)

    @wraps(finish)
    def on_script_finished(self: ScriptRunner, *args: Any, **kwargs: Any) -> None:
        finish(self, *args, **kwargs)
        given = (*args, *kwargs.values())
        # A run that only asked for parts of its page goes on with them. But clicks in quick
        # succession make one run after the other, and these wait their turn.
        if ScriptRunnerEvent.SCRIPT_STOPPED_FOR_RERUN in given and given[0].has_script_started:
            turns.queue_again()

    ScriptRunner._run_script = run_script  # type: ignore[method-assign]
    ScriptRunner._on_script_finished = on_script_finished  # type: ignore[method-assign]


def _hurries(runner: ScriptRunner) -> bool:
    """Return whether the browser is on the page that last said that it waits for something."""
    state, page = runner._session_state, runner._pages_manager.current_page_script_hash
    return _HURRIES in state and bool(state[_HURRIES] == page)
