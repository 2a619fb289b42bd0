"""Guesses of the reader. Each belongs to one question about one setting."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from gatesviz.rooms import Question
from gatesviz.ui.address_values import add_to_address
from gatesviz.ui.classroom.held_results import (
    GUESS_SHOWN,
    held_since,
    held_text,
    hides,
    is_page_new,
    is_teacher,
    note_hidden,
    page_name,
    shown_to_class,
)
from gatesviz.ui.classroom.membership import member
from gatesviz.ui.classroom.reports import (
    asked_guess,
    digest,
    own_guess,
    plain,
    report_guess,
    room_code,
)
from gatesviz.ui.classroom.stage import put_on_stage
from gatesviz.ui.fields import Field
from gatesviz.ui.lessons.address import by_history
from gatesviz.ui.page_parts import draw_shared_link
from gatesviz.ui.page_settings import settings_in_words

GUESSES = frozenset(
    (
        *("guess", "inlose", "inz", "trguess", "wiguess", "wigate", "unguess"),
        *("grguess", "grline", "grback", "grwhich", "grhor", "grfate", "grcourse"),
        *("coshare", "cosays", "coholds", "cobest"),
    )
)
"""Settings that are guesses: without one, a page shows no answer to its own question."""
KEPT = 40
"""Guesses that a session remembers for each question."""


@dataclass(frozen=True)
class SentGuess:
    """A guess that a room knows, without the right option.

    Attributes:
        question, options, guess, about: as `report_guess` takes them.
        words: the settings in words.
        room: its code, or "" without a room.
    """

    question: str
    options: tuple[str, ...]
    guess: str
    about: Hashable
    words: str
    room: str = field(default_factory=lambda: room_code())


def ask_guess(
    question: str,
    options: Sequence[str],
    *,
    key: str,
    about: Hashable,
    above: str = "",
    public: str = "",
    right: Callable[[], str | None] | None = None,
    is_over: bool = False,
    words: str | None = None,
) -> str | None:
    """Ask for a guess and return it, or None before there is one. Tell the room of a class.

    In a lesson that has just asked about the same, nothing is asked: the result is shown. While a
    teacher holds this result back, the guess reaches the room, and None is returned. A teacher's
    page shows what the class has been shown, also without a guess.

    When ``about`` changes, the question is asked again. When an earlier ``about`` returns, so does
    its guess. A guess in a link belongs to the settings of the link. A student who opens a link
    anew finds the own guess again, which the room of the class has.

    Args:
        question: what is asked, in Markdown. A screen reader reads it without the signs.
        options: the possible answers.
        key: key of the widget, which is also its name in the link.
        about: everything that the right answer depends on, such as settings or measured numbers.
            None while these are unknown: an early guess belongs to the first values. If students
            of a class have some of their own, such as a seed, it is a `PerStudent`.
        above: text of the user that belongs above the question. It is shown without Markdown.
        public: the question as a class sees it, if ``above`` holds text of the user.
        right: returns the option that is right, for the board of a class, or None if that isn't
            known yet. It is called only after a guess of a student in a room, and again in later
            runs until it is known. A part of a page that measures by itself calls `tell_right`.
        is_over: whether this screen has shown what answers the question. While a teacher holds its
            result back, a student's guess then stays as it is.
        words: the settings in words, for the table of a class's room. By default those of the page
            that differ from their defaults.
    """
    st.session_state[_UNGUESSED] = False
    if st.session_state.get(SHOWN_BY_LESSON, False):
        return options[0]  # any: `with_verdict` names no guess in a lesson
    made: dict[Hashable, str | None] = st.session_state.setdefault(_GUESSES + key, {})
    last, linked = st.session_state.get(f"question {key}"), st.query_params.get(key)
    changed = last is not None and about is not None and last != about
    known_late = last is None and about is not None and not st.session_state.get(key)
    # An address such as that of a class opens the page without a guess, which is still there.
    follows = is_page_new() or member() is not None
    opened = linked is None and follows and by_history()
    settings = settings_text() if words is None else words
    if changed or opened or known_late or key not in st.session_state:
        brought = linked is not None and not (changed and linked == made.get(last))
        if not brought and about is not None and about not in made and not _said_by_lesson():
            made[about], graded = own_guess(public or question, options, about)
            if made[about] is not None and not graded:
                st.session_state[_SENT + key] = SentGuess(
                    public or question, tuple(options), str(made[about]), about, settings
                )
        guess = linked if brought else made.get(about)
        st.session_state[key] = guess = guess if guess in options else None
        if opened and guess is not None:
            add_to_address(key, guess)
    asked = asked_guess(public or question, options)
    hidden = is_held() and hides(asked, about)  # before the room knows the guess
    closed = hidden and is_over and not is_teacher()
    if closed:  # also a press that was on its way
        st.session_state[key] = made.get(about)
    with st.container(key=f"{_QUESTION}-{key}", gap="xxsmall"):
        if above:
            st.text(above)
        st.markdown(question)
        guess = st.segmented_control(  # whose label is read aloud as it is written
            plain(question), options, key=key, bind="query-params", on_change=_note_click,
            args=(key,), disabled=closed, label_visibility="collapsed",
        )  # fmt: skip
    if about is not None:
        st.session_state[f"question {key}"] = about
        made.pop(about, None)
        made[about] = guess
    while len(made) > KEPT:
        del made[next(iter(made))]
    clicked = st.session_state.pop(_CLICKED + key, False) and not closed
    known: dict[Hashable, Question] = st.session_state.setdefault(_ASKED + key, {})
    known[about] = asked
    if not _said_by_lesson():
        put_on_stage(asked, "" if about is None else digest(about), hidden=hidden)
    while len(known) > KEPT:
        del known[next(iter(known))]
    if guess is None or guess not in options:
        if not hidden and not _said_by_lesson() and shown_to_class(asked, about):
            st.session_state[_UNGUESSED] = True
            return options[0]  # any: `with_verdict` names no guess
        if is_held():
            note_hidden()
            st.caption(held_text(guessed=False, closed=closed) if hidden else GUESS_SHOWN)
        return options[0] if st.session_state.get(LINK_GUESSES, False) else None
    if clicked:  # a guess of a link is not the reader's
        st.session_state[_SENT + key] = SentGuess(
            public or question, tuple(options), guess, about, settings
        )
        report_guess(public or question, options, guess, about, words=settings)
    if right is not None and _waits(key):
        tell_right(key, right())
    if hidden:
        note_hidden()
        st.caption(held_text(guessed=True, closed=closed))
        return None
    return guess


def settings_text() -> str:
    """Return the settings of this page that differ from their defaults, for a room's table."""
    return settings_in_words(page_name(), without=GUESSES)


def is_held() -> bool:
    """Return whether a teacher holds back the results of new guesses on this page.

    In a lesson, a page shows what the lesson has asked about, and the lesson holds that back.
    """
    return not _said_by_lesson() and held_since() is not None


def may_show(guess: str | None, anyway: Field) -> bool:
    """Return whether a page may show its result: after a guess, or if the reader wants it anyway.

    Args:
        guess: what `ask_guess` has returned.
        anyway: the switch that shows the result without a guess. It is drawn before a guess.
    """
    return guess is not None or (not is_held() and bool(anyway.draw()))


def guess_about(key: str, about: Hashable) -> str | None:
    """Return the guess that this session made earlier, or None. It draws nothing.

    A guess whose result a teacher holds back is None.

    Args:
        key, about: as for `ask_guess`.
    """
    made: dict[Hashable, str | None] = st.session_state.get(_GUESSES + key, {})
    asked = st.session_state.get(_ASKED + key, {}).get(about)
    hidden = held_since() is not None if asked is None else hides(asked, about)
    return None if hidden else made.get(about)


def tell_right(key: str, right: str | None) -> None:
    """Tell the room of a class which option is right, once a run or a recording has decided it.

    Nothing is sent without a guess that this student made about the present numbers. If the
    database doesn't answer, a later run of the page sends it.

    Args:
        key: of the question, as `ask_guess` takes it.
        right: one of its options; None if it isn't known, or if several are right.
    """
    if right is not None and _waits(key):
        sent: SentGuess = st.session_state[_SENT + key]
        if report_guess(sent.question, sent.options, sent.guess, sent.about, right, sent.words):
            st.session_state.pop(_SENT + key, None)


def _waits(key: str) -> bool:
    """Return whether the room knows the present guess, and not yet which option is right."""
    sent: SentGuess | None = st.session_state.get(_SENT + key)
    if sent is None or sent.about != st.session_state.get(f"question {key}"):
        return False
    return sent.room == room_code() and sent.guess == st.session_state.get(key)


def _note_click(key: str) -> None:
    st.session_state[_CLICKED + key] = True
    draw_shared_link()


_CLICKED, _SENT, _GUESSES, _ASKED = "clicked ", "guess sent ", "guesses of ", "question asked "
_UNGUESSED = "result without a guess"


def forget_guesses() -> None:
    """Forget all guesses, so that only those of the link are made, as on a cold visit."""
    for name in map(str, list(st.session_state)):
        if name.startswith((_GUESSES, "question ")):
            del st.session_state[name]


def set_guesses_aside() -> None:
    """Keep all guesses for `bring_guesses_back`. A lesson begins without any."""
    names = [name for name in map(str, list(st.session_state)) if name.startswith(_GUESSES)]
    st.session_state[_ASIDE] = {name: st.session_state[name] for name in names}


def bring_guesses_back() -> None:
    """Remember again the guesses of before a lesson, beside those that were made in it."""
    for name, before in st.session_state.pop(_ASIDE, {}).items():
        st.session_state[name] = before | st.session_state.get(name, {})


_ASIDE = "set aside guesses"
IN_LESSON = "guesses belong to the lesson"
"""In the session: why a lesson hides the questions of the pages, a sentence; "" if it doesn't."""
SHOWN_BY_LESSON = "results are shown by the lesson"
"""In the session: whether pages show their results without a guess, after the lesson's question."""
LINK_GUESSES = "the lesson's link guesses"
"""In the session: whether the link of a step has a guess, so that its page shows the result. It is
shown for other settings, too, which that guess isn't about."""


def ask_first(sentence: str = "Make a guess to see the result.") -> str:
    """Return ``sentence``, which stands in place of an answer, or what is true in a lesson.

    While a teacher holds results back, the question says so, and nothing stands in their place.
    """
    return _said_by_lesson() or ("" if is_held() else sentence)


HIDDEN_BY_LESSON = "The lesson hides this result. Press “Show everything” to see it."
ANSWER_FIRST = "Answer the lesson’s questions first."


def with_verdict(verdict: str, result: str) -> str:
    """Return the verdict on the reader's guess, and the result; the result alone without a guess.

    In a lesson, the guess is in the link of the step, which shows the result. A teacher's page
    shows what the class has been shown.
    """
    if not _said_by_lesson() and not st.session_state.get(_UNGUESSED, False):
        return f"{verdict} {result}"
    start = 2 if result.startswith("**") else 0
    return result[:start] + result[start : start + 1].upper() + result[start + 1 :]


def hidden_by_lesson() -> bool:
    """Return whether a lesson hides the questions of this page."""
    return bool(_said_by_lesson())


def _said_by_lesson() -> str:
    if get_script_run_ctx(suppress_warning=True) is None:  # no page is drawn
        return ""
    return str(st.session_state.get(IN_LESSON, ""))


def reserved_answer(key: str) -> Any:
    """Return a container for an answer, as tall as the answer before there is one.

    So a guess moves nothing below it. `RESERVED` holds the style; ``key`` is unique on a page.
    """
    return st.container(key=f"{_ANSWER}-{key}")


def details(name: str) -> Any:
    """Return a container for what a page says beside its picture, which a lesson can hide.

    Args:
        name: unique on a page.
    """
    return st.container(key=f"{DETAILS}-{name}")


DETAILS = "gatesviz-details"


def question_selector(key: str) -> str:
    """Return the CSS selector of a whole question: its words and its options.

    Args:
        key: as for `ask_guess`.
    """
    return f"[data-testid=stLayoutWrapper]:has(> .st-key-{_QUESTION}-{key})"


_QUESTION, _ANSWER = "gatesviz-question", "gatesviz-answer"
QUESTIONS = (
    f"[class*=st-key-{_QUESTION}] [data-testid=stMarkdownContainer] {{ font-size: 0.875rem; }}"
    f" [class*=st-key-{_QUESTION}] [data-testid=stMarkdownContainer] p {{ font-size: inherit; }}"
)
"""The style of questions: as large as the label of a setting."""
RESERVED = (
    f"[class*=st-key-{_ANSWER}] {{ min-height: 3.4rem; }}"
    f" [class*=st-key-{_ANSWER}-tall] {{ min-height: 5rem; }}"
    f" @media (max-width: 760px) {{ [class*=st-key-{_ANSWER}-] {{ min-height: 10rem; }} }}"
    f" [data-testid=stLayoutWrapper]:has(> [class*=st-key-{_ANSWER}-] > :only-child"
    " [data-testid=stMarkdownContainer]:empty) { display: none; }"
)
"""The style that reserves the space of an answer: two lines, three if tall, six on a phone. None
while a teacher holds the answer back: no guess brings it then."""
