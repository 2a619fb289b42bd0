"""The challenge on this page: the fewest hidden units that solve a task, graded by your runs."""

from collections.abc import Mapping

import streamlit as st

from gatesviz.challenges import Challenge, Fewest, Sizes, challenges, grade_sizes
from gatesviz.engine import View
from gatesviz.ui.app_links import draw_next_challenge
from gatesviz.ui.challenges import ALL_SOLVED, KEY, describe_code, next_challenge, solve
from gatesviz.ui.locks import SETS
from gatesviz.ui.train.chart import solved_after
from gatesviz.ui.train.parameters import HIDDEN_UNITS, NAMES, SETTINGS, UPDATES
from gatesviz.ui.train.settings import Settings, widgets

_RUNS, _GRADED = "train challenge runs", "train challenge graded"


def chosen() -> Challenge | None:
    """Return the challenge in the link, if it is one of this page."""
    name = st.query_params.get(KEY)
    return next((one for one in challenges() if one.fewest and one.name == name), None)


def draw_challenge(task: Challenge, settings: Settings, views: Mapping[str, View]) -> None:
    """Draw the task, the sizes that were tried, and the result."""
    assert task.fewest is not None
    runs = sizes_tried(task.fewest, settings, views)
    result = grade_sizes(runs)
    st.write(f"**Challenge: {task.title}.** {task.text}")
    with st.container(horizontal=True):
        with st.popover("Hint"):
            st.write(task.hint)
        st.button("Leave the challenge", key=f"{SETS} leave", on_click=_leave)
        if not fits(task.fewest, settings):
            st.button(
                "Set the challenge's settings", key=f"{SETS} fewest", on_click=_set,
                args=(task.fewest,),
            )  # fmt: skip
    if not fits(task.fewest, settings):
        st.write("These settings are not those of the challenge. Change only the hidden units.")
    if runs:
        st.write(describe_runs(task.fewest, runs))
    if result.solved:
        assert result.fewest is not None
        fresh = st.session_state.get(_GRADED) != runs  # a room gets no runs from before it
        solve(task, task.fewest.cell, result.fewest, tell=fresh)
        st.success(describe(task.fewest, result), icon=":material/check:")
        st.write(describe_code(task))
        following = next_challenge()
        if following is None:
            st.write(ALL_SOLVED)
        else:
            draw_next_challenge(following)
    else:
        st.write(describe(task.fewest, result))
    st.session_state[_GRADED] = runs


def fits(task: Fewest, settings: Settings) -> bool:
    """Return whether ``settings`` are those of the challenge, with any number of units."""
    units = settings.spec.hidden_size
    return (
        set(settings.specs.values()) == {task.spec(units)}
        and settings.updates == task.updates
        and not settings.rates
    )


def sizes_tried(
    task: Fewest, settings: Settings, views: Mapping[str, View]
) -> dict[int, int | None]:
    """Return hidden units -> the update after which they solved it, None if they failed.

    Runs of this session count, also those that made room for others.
    """
    known: dict[int, int | None] = st.session_state.setdefault(_RUNS, {})
    if fits(task, settings):
        for view in views.values():
            solved = solved_after(settings, view.history)
            if view.rates:
                continue
            if solved is not None and solved <= task.updates:
                known[view.spec.hidden_size] = solved
            elif view.updates >= task.updates:
                known[view.spec.hidden_size] = None
    return dict(sorted(known.items()))


def describe_runs(task: Fewest, runs: Mapping[int, int | None]) -> str:
    """Return what each size did in its run."""
    told = [
        f"{_units(units)}: "
        + (f"not in {task.updates:,} updates" if solved is None else f"after {solved:,} updates")
        for units, solved in runs.items()
    ]
    return f"Solved with {'; '.join(told)}."


def describe(task: Fewest, result: Sizes) -> str:
    """Return the result in one or two sentences."""
    if result.fewest is None:
        return f"No size has solved the task yet. Train the {NAMES[task.cell]}."
    if result.untried:
        sizes = ", ".join(map(str, result.untried))
        return f"{_units(result.fewest)} can do it. Can fewer? Not tried yet: {sizes}."
    return (
        f"Solved. {_units(result.fewest)} can do it, and every smaller size failed with this seed."
    )


def _units(count: int) -> str:
    return f"{count} {'unit' if count == 1 else 'units'}"


def _leave() -> None:
    st.query_params.pop(KEY, None)


def _set(task: Fewest) -> None:
    units = int(st.session_state.get(HIDDEN_UNITS.key, HIDDEN_UNITS.default))
    held = widgets([task.spec(units)], ()) | {UPDATES.key: task.updates}
    for field in SETTINGS:
        if field.key in held:
            st.session_state[field.key] = held[field.key]
