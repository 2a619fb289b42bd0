"""Let the model continue the reader's text, as many letters as the reader asks for.

All letters are computed at once: 200 take 0.04 s, less than it takes to draw the page. The player
then uncovers one letter a step, at the reader's speed, and stops when it is paused. So a class
that lets its models write costs the server one short run each, and no page is drawn anew while
letters appear.
"""

from dataclasses import dataclass, replace

import streamlit as st

from gatesviz.limits import SEED, STEPS
from gatesviz.player.payload import Written
from gatesviz.sequences import Sequence, parse_text
from gatesviz.tasks import Continuation
from gatesviz.trained import PackagedModel, load_trained
from gatesviz.training import TrainedModel
from gatesviz.ui.feed.models import Setup
from gatesviz.ui.feed.parameters import HEAT, LETTERS, TEXT_SEED
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.locks import SETS
from gatesviz.ui.player import move

AT_ONCE = 200
SHOWN = 50
"""Steps that the player shows while the model writes, so that letters have room on the axis."""
_PARAMETER, _LETTERS, _PROMPT = "write", "letters written", "text before the letters"
PLAYER = "feed"
UNEDITED = "The model writes without the edits that you make in the player."


@dataclass(frozen=True)
class Style:
    """How the model draws its letters."""

    temperature: float
    seed: int


def can_write(setup: Setup, sequence: Sequence) -> bool:
    """Return whether the page's one model predicts the characters of this text."""
    known, file = setup.known, setup.file
    if file is not None:
        return file.writes
    if known is None or sequence.kind != "text" or len(setup.cells) > 1:
        return False
    if isinstance(known, TrainedModel):
        alone = known.spec.cell_alone and not known.spec.bidirectional
        return alone and known.task.feeds_back and sequence.features == known.vocabulary
    return known.task.feeds_back


def draw(setup: Setup, prompt: Sequence) -> tuple[Sequence, Written | None]:
    """Draw the settings and buttons; return the text with the letters that the model wrote.

    Without such letters, the text itself and None.
    """
    if not can_write(setup, prompt):
        return prompt, None
    with st.sidebar:
        style = _draw_style(prompt)
    letters = _draw_buttons(prompt, setup)
    if not letters:
        return prompt, None
    name = f"{setup.weights}-{setup.cells[0]}" + "".join(setup.keys)
    found = _continued(name, _text(prompt, setup), letters, style, setup)
    if setup.file is not None:
        whole = setup.file.read_text(str(found))
    else:
        whole = parse_text(str(found), prompt.features, strict=True)
    sequence = replace(whole, title=prompt.title, notes=prompt.notes)
    return sequence, Written(prompt.steps, style.temperature, found.chances)


def _draw_style(prompt: Sequence) -> Style:
    """Draw the temperature and the seed; a change writes the text anew."""
    again = {"on_change": _replay, "args": (prompt.steps,)}
    temperature = HEAT.draw(**again)
    return Style(temperature, int(TEXT_SEED.draw(**again)))


def _draw_buttons(prompt: Sequence, setup: Setup) -> int:
    """Draw the buttons that let the model write, and return how many letters it has written."""
    letters, room = _letters(prompt, setup), min(LETTERS.limit.high, STEPS.high - prompt.steps)
    more = min(AT_ONCE, room - letters)
    with st.container(horizontal=True, vertical_alignment="center", key=f"{SETS} writing"):
        if more > 0:
            label = (
                f"Write {more} more characters"
                if letters
                else f"Let the model write {more} characters"
            )
            st.button(
                label,
                key="write on",
                type="secondary" if letters else "primary",
                on_click=_write,
                args=(prompt.steps, more),
            )
        if letters:
            st.button("Write another text", on_click=_another, args=(prompt.steps,))
            st.button("Remove the model's text", on_click=_remove)
        st.caption(UNEDITED)
    return letters


@st.cache_data(max_entries=64, ttl=1800, show_spinner=False)
def _continued(name: str, prompt: str, letters: int, style: Style, _setup: Setup) -> Continuation:
    """Return what the model writes; ``name`` identifies it."""
    known = _setup.known
    model: TrainedModel | PackagedModel | FileModel | None = _setup.file
    if known is not None:
        model = known if isinstance(known, TrainedModel) else load_trained(known.name)
    assert model is not None
    return model.continue_text(prompt, letters, temperature=style.temperature, seed=style.seed)


def _text(sequence: Sequence, setup: Setup) -> str:
    """Return the characters that the model reads."""
    if setup.file is not None:
        return setup.file.text_of(sequence)
    return "".join(sequence.features[index] for index in sequence.values.argmax(-1))


def _letters(prompt: Sequence, setup: Setup) -> int:
    """Return how many letters to write: those of the link or the buttons, none after a new text."""
    text, before = _text(prompt, setup), st.session_state.get(_PROMPT)
    if before is None:
        linked = st.query_params.get(_PARAMETER, "0")
        letters = 0 if LETTERS.problem(linked) else int(float(linked))
    else:
        letters = st.session_state[_LETTERS] if before == text else 0
    letters = min(letters, STEPS.high - prompt.steps)
    st.session_state[_PROMPT], st.session_state[_LETTERS] = text, letters
    if letters:
        st.query_params[_PARAMETER] = str(letters)
    elif _PARAMETER in st.query_params:
        del st.query_params[_PARAMETER]
    return letters


def _write(steps: int, more: int) -> None:
    """Let the model write ``more`` letters after a text of ``steps``, and play from there.

    A player that stopped before it had uncovered all earlier letters goes on where it stopped.
    """
    end = steps + st.session_state[_LETTERS]
    st.session_state[_LETTERS] += more
    _play_from(end)


def _another(steps: int) -> None:
    """Write as many letters with the next seed."""
    st.session_state[TEXT_SEED.key] = (int(st.session_state[TEXT_SEED.key]) + 1) % (SEED.high + 1)
    _replay(steps)


def _replay(steps: int) -> None:
    """Uncover the model's letters from the first on, if there are any."""
    if st.session_state.get(_LETTERS):
        _play_from(steps)


def _play_from(steps: int) -> None:
    """Let the player uncover what follows the first ``steps`` characters."""
    move(PLAYER, step=steps - 1, until=steps, span=SHOWN, playing=True)


def _remove() -> None:
    st.session_state[_LETTERS] = 0
