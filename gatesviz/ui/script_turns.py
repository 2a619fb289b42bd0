"""One script at a time: Streamlit's runs of pages and fragments take turns.

Streamlit has no public place for this. A lock in the page's own script comes too late, because by
then Streamlit has already prepared the run. Holding back a browser's messages would not do either,
because a message doesn't say when its run has ended. So two methods of Streamlit are wrapped, if
they are still as expected. Otherwise all scripts run at once, and the log says so.
"""

import inspect
import logging
from functools import wraps
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner, ScriptRunnerEvent

from gatesviz.ui.persons import person
from gatesviz.ui.turns import Turns

_EXPECTED = {
    "_run_script": ["self", "rerun_data"],
    "_on_script_finished": ["self", "ctx", "event", "premature_stop", "run_descriptor"],
}
_TURNS = Turns()


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
    if not hasattr(ScriptRunner._run_script, "__wrapped__"):
        _wrap(turns)
    return True


def end_turns() -> None:
    """Let Streamlit run all scripts at once again."""
    for name in _EXPECTED:
        method = getattr(ScriptRunner, name, None)
        if original := getattr(method, "__wrapped__", None):
            setattr(ScriptRunner, name, original)


def step_aside() -> None:
    """Let other scripts run from now on, because this one will wait or compute long."""
    _TURNS.step_aside()


def changed(runner: type[Any]) -> str:
    """Return which part of Streamlit's ``runner`` is not as expected, or ""."""
    for name, expected in _EXPECTED.items():
        method = getattr(runner, name, None)
        if method is None or list(inspect.signature(method).parameters) != expected:
            return name
    if "self._run_script(" not in inspect.getsource(runner._run_script_thread):
        return "_run_script_thread"
    if "self._on_script_finished(" not in inspect.getsource(runner._run_script):
        return "the end of _run_script"
    return ""


def _wrap(turns: Turns) -> None:
    run, finish = ScriptRunner._run_script, ScriptRunner._on_script_finished

    @wraps(run)
    def run_script(self: ScriptRunner, rerun_data: Any) -> None:
        with turns.turn(person() or self._session_id):
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
