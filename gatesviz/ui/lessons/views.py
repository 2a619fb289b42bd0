"""Prepared views: a step's page and parameters, checked against its settings."""

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
    are below the panel. With all controls, the sidebar has its usual place and the panel is above
    the page.

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
    height = f"{min(len(keys), _MOST_BELOW) * 5.5 + 1.5}rem"
    return (
        f" {used} {{ position: fixed !important; inset: auto auto 0 0 !important;"
        f" width: {_WIDTH} !important; min-width: {_WIDTH} !important; z-index: 99;"
        f" height: {height} !important; transform: none !important; }}"
        f" {used} [data-testid=stSidebarHeader] {{ display: none; }}"
        f" {used} [data-testid=stSidebarUserContent] {{ padding: 0.75rem 1rem; }}"
        f" {_APP}:has({_SIDEBAR} :is({', '.join(keys)})) {_WRAPPER} {{ bottom: {height}; }}"
    )


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
        f" {app} {_WRAPPER} {{ position: fixed; top: 3.75rem; bottom: 0; width: {_WIDTH};"
        f" margin-left: calc(-1.5rem - {_WIDTH}); max-height: none; overflow-y: auto;"
        " padding: 0.5rem 1rem 0; border-right: 1px solid"
        " color-mix(in srgb, currentColor 20%, transparent); }"
    )


_APP, _SIDEBAR, _WIDTH = "[data-testid=stApp]", "[data-testid=stSidebar]", "23rem"
_MOST_BELOW = 3
"""Controls below the panel that are seen without scrolling."""
_WRAPPER = "[data-testid=stLayoutWrapper]:has(> .st-key-gatesviz-lesson)"
_PANEL = (
    "@media (min-width: 700px) {"
    f" {_WRAPPER} {{ position: sticky; top: 3.75rem; z-index: 99; max-height: 45vh;"
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
