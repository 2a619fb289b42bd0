"""Prepared views: a step's page and parameters, checked against its settings."""

import streamlit as st

from gatesviz.lessons import Step
from gatesviz.ui.compare.card import CARD
from gatesviz.ui.compare.structure import COUNTS_SHOWN
from gatesviz.ui.controls_sheet import SIDEBAR, sheet_style
from gatesviz.ui.downloads import OFFER
from gatesviz.ui.feed.player import DESCRIPTION
from gatesviz.ui.guesses import DETAILS, GUESSES
from gatesviz.ui.inside.parameters import INPUT
from gatesviz.ui.inside.sliders import INPUT_SLIDER
from gatesviz.ui.inside.step_controls import STEPPING
from gatesviz.ui.links import complaints
from gatesviz.ui.page_settings import FIELDS, SETTINGS
from gatesviz.ui.player import PARAMETERS as PLAYER
from gatesviz.ui.presenter import KEY as PRESENTER
from gatesviz.ui.principle import PRINCIPLE_KEY
from gatesviz.ui.sharing.hiding import selector


def problems(step: Step) -> list[str]:
    """Return a sentence for each part of the step's view that its page does not accept."""
    if step.page not in SETTINGS:
        return [f"There is no page {step.page!r}; expected one of {', '.join(SETTINGS)}."]
    known = {**SETTINGS[step.page], **PLAYER}
    found = complaints({key: [value] for key, value in step.query.items()}, known)
    return found + [f"show: {step.page} has no control {k!r}." for k in step.show if k not in known]


def prepare(page: str) -> None:
    """Give the settings of a page the values in the address, as on a cold visit.

    Streamlit does so itself after a press of Next. But a message that it takes together with the
    new address, such as the text that the press sends off, would bring the last step's values.
    """
    for key, field in FIELDS.get(page, {}).items():
        if key not in st.session_state:
            continue
        text = st.query_params.get(key)
        if text is not None and field.takes.problem(text) is None:
            if not field.takes.means(text, st.session_state[key]):
                st.session_state[key] = field.from_link(text)
        elif st.session_state[key] != field.default:
            st.session_state[key] = field.default


def asks_itself(step: Step) -> bool:
    """Return whether a page asks its own question in this step, once the lesson's has an answer."""
    return not GUESSES.isdisjoint(step.show)


def shows_results(step: Step) -> bool:
    """Return whether a page shows its results without a guess, once the lesson's has an answer.

    The lesson has asked about the same. On *Feed a sequence* and *Inside the cell* the results stay
    hidden: they would move the player. A step can also keep the page as it is,
    for example because they would answer the next step, too.
    """
    if "results" in step.hide:
        return False
    guessed = not GUESSES.isdisjoint((*step.show, *step.query))
    return step.check is not None and not guessed and step.page not in ("feed", "inside")


def shown_by_link(step: Step) -> bool:
    """Return whether the link of a step has a guess, so that its page shows the result."""
    return not GUESSES.isdisjoint(step.query) and not asks_itself(step)


def style(
    step: Step,
    *,
    everything: bool,
    answered: bool = True,
    principle: bool = True,
    results: bool = True,
) -> str:
    """Return the CSS of a step: where the panel is, and which controls are hidden.

    On a wide screen the panel is next to the page. The controls of the sidebar that the step needs
    begin where the panel ends, and stay on the screen if the panel is long. On a phone they are at
    the lower edge, so the picture stays in view. With all controls, the sidebar has its usual place
    and the panel is above the page.

    Args:
        step: which names the controls that stay.
        everything: whether all controls stay.
        answered: whether no question of the step is open. While one is, the page asks no other one
            and shows no counts, which may hold the answer.
        principle: whether the page shows its principle.
        results: whether the page shows its results where the lesson has asked about the same.
    """
    keys = [] if waits(step, answered) else [f".st-key-{key}" for key in _controls(step)]
    if everything:
        apart = f"{_APP}:not(:has({_SIDEBAR}))"
        return (
            f"{_PANEL} @media (min-width: 1100px) {{ {_beside(apart)} }}"
            f" @media (min-width: 1700px) {{ {_beside(_APP)} }}"
        )
    below = _below(keys) if keys else ""
    sheet = sheet_style(f":has({', '.join(keys)})", above="3.5rem") if keys else ""
    hidden = _hidden(step, keys, answered, principle, results)
    still = f":root[data-gv-still] {_SIDEBAR} {{ pointer-events: none; }}"
    beside = f"@media (min-width: 1100px) {{ {_beside(_APP)}{below} {still} }}"
    return f"{_PANEL} {beside} {sheet} {hidden}"


def waits(step: Step, answered: bool) -> bool:
    """Return whether the controls of a step wait until its questions have an answer."""
    return not answered and "controls" in step.hide


def controls(step: Step, answered: bool) -> list[str]:
    """Return the CSS selectors of the controls that a step shows now."""
    return [] if waits(step, answered) else [control(key) for key in _controls(step)]


def _controls(step: Step) -> list[str]:
    return [key for key in step.show if key in SETTINGS[step.page]]


def control(key: str) -> str:
    """Return the CSS selector of the control that sets ``key``."""
    if key == INPUT.key:  # a new slider for each value that the page sets
        return f"[class*=st-key-{INPUT_SLIDER.replace(' ', '-')}]"
    return f".st-key-{key}"


def _below(keys: list[str]) -> str:
    """Return the rules that put the sidebar's needed controls below the panel."""
    used = f"{_SIDEBAR}:has({', '.join(keys)})"
    least = _LEAST_HEIGHTS[min(len(keys), len(_LEAST_HEIGHTS)) - 1]
    height = f"max({least}, 100dvh - {_TOP} - var(--gv-lesson-height, 60dvh))"
    return (
        f" {used} {{ position: fixed !important; inset: auto auto 0 0 !important;"
        f" width: {_WIDTH} !important; min-width: {_WIDTH} !important; z-index: 99;"
        f" height: {height} !important; transform: none !important;"
        " border-top: 2px solid color-mix(in srgb, currentColor 60%, transparent); }"
        f" {used} [data-testid=stSidebarHeader] {{ display: none; }}"
        f" {used} [data-testid=stSidebarUserContent] {{ padding: 0.4rem 1rem 0.75rem; }}"
        f" {used} [data-testid=stSidebarUserContent]::before {{ content: 'Controls for this step';"
        " display: block; font-weight: 700; margin-bottom: 0.25rem; }"
        f" {_APP}:has({_SIDEBAR} :is({', '.join(keys)})) {_WRAPPER} {{ bottom: {height};"
        f" --gv-more-controls: grid; --gv-lesson-width: {_WIDTH}; }}"
    )


def _hidden(step: Step, keys: list[str], answered: bool, principle: bool, results: bool) -> str:
    kept = "".join(f":not({key})" for key in keys)
    asks = answered and asks_itself(step)
    stay = (frozenset(step.show) if keys else frozenset()) - GUESSES
    stay |= GUESSES if asks else frozenset()
    away = [selector(key) for key in SETTINGS[step.page] if key not in stay]
    away += [f"[data-testid=stSidebarUserContent] [data-testid=stElementContainer]{kept}"]
    away += [f"[data-testid=stMain] {part}" for part in _EXTRAS]
    away += [] if answered and principle else [f".st-key-{PRINCIPLE_KEY}"]
    away += [f".st-key-{DESCRIPTION}"] if not answered and "answers" in step.hide else []
    if "details" in step.hide:
        away += [f"[class*=st-key-{part}]" for part in (DETAILS, "gatesviz-answer")]
    still = "stepping" in step.hide
    away += [f".st-key-{STEPPING}"] if still else []
    away += [] if answered else [f".st-key-{COUNTS_SHOWN.replace(' ', '-')}"]
    shown = answered and results and shows_results(step)
    if not shown and GUESSES.isdisjoint((*step.show, *step.query)):
        away += ["[class*=st-key-gatesviz-answer]"]
    unused = f":not(:has({', '.join(keys)}))" if keys else ""
    away += [f"{_SIDEBAR} [data-testid=stExpander]{unused}"]
    # On a phone, the menu is in the sidebar, too.
    wide = [f"{_SIDEBAR}{unused}", *([] if keys else ["[data-testid=stExpandSidebarButton]"])]
    return (
        f"{', '.join(away)} {{ display: none; }}"
        f"{f' {_APP} {{ --gv-toolbar-display: none; }}' if still else ''}"
        f" @media (min-width: 769px) {{ {', '.join(wide)} {{ display: none; }} }}"
    )


def _beside(app: str) -> str:
    """Return the rules that put the panel next to the page, where the sidebar would be."""
    return (
        f"{app} [data-testid=stMainBlockContainer] {{ padding-left: calc({_WIDTH} + 1.5rem); }}"
        f" {app} {_MAIN} {{ --gv-toolbar: sticky; scroll-padding-top: var(--gv-top); }}"
        f" {app} {_WRAPPER} {{ position: fixed; top: {_TOP}; bottom: 0; width: {_WIDTH};"
        f" margin-left: calc(-1.5rem - {_WIDTH}); max-height: none; overflow-y: auto;"
        # A scroll bar that appears would change the height of the text, and that the scroll bar.
        " scrollbar-gutter: stable; scrollbar-width: thin; scroll-padding-bottom: 8rem;"
        " padding: 0.5rem 0.5rem 0 1rem; border-right: 1px solid"
        " color-mix(in srgb, currentColor 20%, transparent); }"
        # What has no height would still have a gap below, and the lesson has a title of its own.
        f" {app} :is({_AROUND}, .st-key-{PRESENTER}) {{ position: absolute; }}"
        f" {app} {_MAIN} h1 {{ font-size: 1.3rem; padding: 0; white-space: nowrap; }}"
    )


_APP, _SIDEBAR, _WIDTH = "[data-testid=stApp]", SIDEBAR, "23rem"
_TOP, _MAIN = "3.75rem", "[data-testid=stMain]"
_LEAST_HEIGHTS = ("7.75rem", "13rem", "13rem", "15rem")
"""Least heights of the controls below a long panel: of one, two, three, and more controls."""
_WRAPPER = "[data-testid=stLayoutWrapper]:has(> .st-key-gatesviz-lesson)"
_AROUND = f"[data-testid=stLayoutWrapper]:has(> [data-testid=stVerticalBlock] > {_WRAPPER})"
_PANEL = (
    "@media (min-width: 700px) {"
    f" {_WRAPPER} {{ position: sticky; top: {_TOP}; z-index: 99; max-height: 45vh;"
    " overflow-y: auto; }"
    # Below the panel, there is no room for a toolbar that stays in view.
    f" {_APP} {_MAIN} {{ --gv-toolbar: static; scroll-padding-top: calc({_TOP} + 45vh); }} }}"
    " @media (max-width: 699px) {"
    " [data-testid=stMainBlockContainer] { padding-bottom: 6rem; } }"
)
_EXTRAS = (
    f"[data-testid=stExpander]:not([class*=st-key-{CARD}] > *)",
    "[data-testid=stDownloadButton]",
    f"[class*=st-key-{OFFER}]",
    "[data-testid=stCaptionContainer]",
)
"""Further parts of a page, which no step needs."""
