"""Views of the page "What if?": a sequence in the player, and tables of measured changes."""

import functools
from collections.abc import Mapping, Sequence

from gatesviz.experiments.changes import edited_step
from gatesviz.experiments.what_if import fresh_sequences
from gatesviz.export.views.view import Player, Still, View, prose, single, table
from gatesviz.player.payload import Selection, payload
from gatesviz.ui.player import linked
from gatesviz.ui.what_if import free_play, one_step
from gatesviz.ui.what_if import parameters as page
from gatesviz.ui.what_if.futures import panel, recorded
from gatesviz.ui.what_if.measurements import row
from gatesviz.ui.what_if.models import FLAGSHIP, Subject, flagship, packaged, shipped_subject

MEASURED = (
    "Press Edit in the player and change a gate, a state or the input. In the app, you can then"
    " measure your edits on many sequences."
)


def what_if(query: Mapping[str, str], show: Sequence[str]) -> View:
    """Return the view of a link's parameters; ``show`` names the controls that it needs."""
    label = page.MODEL.read(query)
    subject = shipped_subject(label)
    if page.VIEW.read(query) == page.FREE:
        batch = fresh_sequences(subject.model, subject.sequences)
        shown = panel(subject, batch, page.SEQUENCE.read(query), ())
        player = Player(payload([shown]), linked(query, Selection(step=edited_step(subject.model))))
        return single(player, prose(free_play.PRINCIPLE), note=MEASURED)
    guess = query.get(page.OUTCOME.key)
    if guess is None:
        return single(prose(subject.task.explanation), _reading(subject, False))
    answer = one_step.answer(subject, row(subject, one_step.asked(subject)), guess)
    return single(prose(answer), *_changes(subject.key, subject), _reading(subject, True))


def _reading(subject: Subject, edited: bool) -> Player:
    """Return the first sequence as the model reads it, also with the change in question."""
    step = edited_step(subject.model)
    batch = fresh_sequences(subject.model, subject.sequences, steps=[step])
    change = one_step.asked(subject)
    edits = change.edits(recorded(subject, batch, 0, ())) if edited else ()
    return Player(payload([panel(subject, batch, 0, edits)]), Selection(step=step))


@functools.lru_cache(maxsize=4)
def _changes(key: str, subject: Subject) -> tuple[Still, ...]:
    """Return the tables of all changes of one step and of two models."""
    found = [row(subject, change) for change in one_step.changes(subject)]
    lines = one_step.lines(subject, found)
    parts = [prose(one_step.about_changes(subject)), table(lines, one_step.CHANGES)]
    if key in (FLAGSHIP, one_step.CHARGED):
        first, second = (one_step.compared(one) for one in (flagship(), packaged(one_step.CHARGED)))
        both = table([one_step.both_line(one) for one in (first, second)], one_step.BOTH)
        parts += [both, prose(one_step.explanation(first, second))]
    principle, source = one_step.principle(subject)
    return (*parts, prose(principle, source))
