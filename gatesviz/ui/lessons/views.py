"""Prepared views: a step's page and parameters, checked against its settings."""

import streamlit as st

from gatesviz.lessons import Step
from gatesviz.ui.compare.card import CARD
from gatesviz.ui.guesses import GUESSES
from gatesviz.ui.links import complaints
from gatesviz.ui.page_settings import SETTINGS
from gatesviz.ui.player import PARAMETERS as PLAYER
from gatesviz.ui.sharing.hiding import selector


def problems(step: Step) -> list[str]:
    """Return a sentence for each part of the step's view that its page does not accept."""
    if step.page not in SETTINGS:
        return [f"There is no page {step.page!r}; expected one of {', '.join(SETTINGS)}."]
    known = {**SETTINGS[step.page], **PLAYER}
    found = complaints({key: [value] for key, value in step.query.items()}, known)
    return found + [f"show: {step.page} has no control {k!r}." for k in step.show if k not in known]


def style(step: Step, *, everything: bool) -> str:
    """Return the CSS of a step: where the panel is, and which controls are hidden.

    On a wide screen the panel is next to the page. The controls of the sidebar that the step needs
    begin where the panel ends, and stay on the screen if the panel is long. With all controls, the
    sidebar has its usual place and the panel is above the page.

    Args:
        step: which names the controls that stay.
        everything: whether all controls stay.
    """
    keys = [f".st-key-{key}" for key in step.show if key in SETTINGS[step.page]]
    if everything:
        apart = f"{_APP}:not(:has({_SIDEBAR}))"
        return (
            f"{_PANEL} @media (min-width: 1100px) {{ {_beside(apart)} }}"
            f" @media (min-width: 1700px) {{ {_beside(_APP)} }}"
        )
    below = _below(keys) if keys else ""
    return f"{_PANEL} @media (min-width: 1100px) {{ {_beside(_APP)}{below} }} {_hidden(step, keys)}"


def _below(keys: list[str]) -> str:
    """Return the rules that put the sidebar's needed controls below the panel."""
    used = f"{_SIDEBAR}:has({', '.join(keys)})"
    least = _ONE_CONTROL if len(keys) == 1 else _SEVERAL_CONTROLS
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
        f" :root[data-gv-more-controls=true] {used} [data-testid=stSidebarContent]::after {{"
        " content: '↓ More controls below'; display: block; position: sticky; bottom: 0;"
        " height: 1.5rem; margin-top: -1.5rem; text-align: center; font-size: 0.9rem;"
        f" font-weight: 600; background: {_sidebar_colour()}; pointer-events: none;"
        " border-top: 1px solid color-mix(in srgb, currentColor 30%, transparent); }"
        f" {_APP}:has({_SIDEBAR} :is({', '.join(keys)})) {_WRAPPER} {{ bottom: {height}; }}"
    )


def _sidebar_colour() -> str:
    """Return the background of the sidebar in both themes, as CSS."""
    both = (st.get_option(f"theme.{theme}.secondaryBackgroundColor") for theme in ("light", "dark"))
    return f"light-dark({', '.join(both)})"


def _hidden(step: Step, keys: list[str]) -> str:
    kept = "".join(f":not({key})" for key in keys)
    away = [selector(key) for key in SETTINGS[step.page] if key not in step.show]
    away += [f"[data-testid=stSidebarUserContent] [data-testid=stElementContainer]{kept}"]
    away += [f"[data-testid=stMain] {part}" for part in _EXTRAS]
    if not GUESSES.intersection((*step.show, *step.query)):
        away += ["[class*=st-key-gatesviz-answer]"]
    unused = f":not(:has({', '.join(keys)}))" if keys else ""
    away += [f"{_SIDEBAR}{unused}", f"{_SIDEBAR} [data-testid=stExpander]{unused}"]
    opener = "[data-testid=stExpandSidebarButton]"
    away += [opener] if not keys else []
    return f"{', '.join(away)} {{ display: none; }}"


def _beside(app: str) -> str:
    """Return the rules that put the panel next to the page, where the sidebar would be."""
    return (
        f"{app} [data-testid=stMainBlockContainer] {{ padding-left: calc({_WIDTH} + 1.5rem); }}"
        f" {app} {_WRAPPER} {{ position: fixed; top: {_TOP}; bottom: 0; width: {_WIDTH};"
        f" margin-left: calc(-1.5rem - {_WIDTH}); max-height: none; overflow-y: auto;"
        # A scroll bar that appears would change the height of the text, and that the scroll bar.
        " scrollbar-gutter: stable; scrollbar-width: thin; scroll-padding-bottom: 8rem;"
        " padding: 0.5rem 0.5rem 0 1rem; border-right: 1px solid"
        " color-mix(in srgb, currentColor 20%, transparent); }"
    )


_APP, _SIDEBAR, _WIDTH = "[data-testid=stApp]", "[data-testid=stSidebar]", "23rem"
_TOP = "3.75rem"
_ONE_CONTROL, _SEVERAL_CONTROLS = "7.75rem", "8rem"
"""Least heights of the controls below a long panel: of one control, or of the first of several."""
_WRAPPER = "[data-testid=stLayoutWrapper]:has(> .st-key-gatesviz-lesson)"
_PANEL = (
    "@media (min-width: 700px) {"
    f" {_WRAPPER} {{ position: sticky; top: {_TOP}; z-index: 99; max-height: 45vh;"
    " overflow-y: auto; } }"
    " @media (max-width: 699px) {"
    " [data-testid=stMainBlockContainer] { padding-bottom: 6rem; } }"
)
_EXTRAS = (
    f"[data-testid=stExpander]:not([class*=st-key-{CARD}] > *)",
    "[data-testid=stDownloadButton]",
    "[data-testid=stCaptionContainer]",
)
"""Further parts of a page, which no step needs."""
