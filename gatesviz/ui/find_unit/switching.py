"""Switch units off in the background, one part at a time, and compare that with the ranking."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st

from gatesviz.detective import Ablation, Probe, confirm
from gatesviz.detective.packed import ablate_packed, pack
from gatesviz.engine.background import BackgroundCalls, run_in_process
from gatesviz.experiments.changes import Model
from gatesviz.experiments.what_if import SEQUENCES
from gatesviz.figures import unit_harm, unit_harm_alt
from gatesviz.training import OwnData, TrainedModel
from gatesviz.ui import charts
from gatesviz.ui.browser_session import owner
from gatesviz.ui.file_model import FileModel
from gatesviz.ui.find_unit.file_scores import why_no_score
from gatesviz.ui.find_unit.harm_texts import ROWS, answer, bars, result, rows, score_named
from gatesviz.ui.find_unit.models import Examined
from gatesviz.ui.find_unit.parameters import GUESS, GUESSES, MEAN, OFF
from gatesviz.ui.find_unit.ranking import Ranking, how_closely
from gatesviz.ui.find_unit.reading import Reading
from gatesviz.ui.guesses import ask_first, ask_guess, reserved_answer
from gatesviz.ui.notices import sentence
from gatesviz.ui.persons import person
from gatesviz.ui.script_turns import step_aside

Units = tuple[int, ...]
Found = tuple[Ablation, ...]
PART, MOST = 16, 64
"""Units that are switched off in one call, and at first: those that track the property best."""
KEPT = 8_192
"""Units whose results are kept."""
EVERY, PATIENCE = 0.5, 120.0  # seconds
_OWNER, _WISH, _ALL = "find-unit owner", "find-unit plan to measure", "find-unit all units"
UNFINISHED = "{} of {} units are measured so far. Is one of the others needed more?"
NO_SEQUENCES = (
    "This page can't measure what breaks without a unit: your model can't read the sequences that"
    " are chosen in the sidebar."
)
NO_UNIT = "No unit can be ranked, so this page has none to switch off."
PRINCIPLE = (
    "**Principle.** A unit can track a property even if the model doesn't use that unit. To find"
    " out what a unit does, switch it off and measure."
)
SOURCES = (
    "Morcos et al. 2018 switched off units of image classifiers. Units that respond to one class"
    " only were not more important than others. If other units carry the same information, they"
    " can replace the unit that you switch off."
)


@dataclass(frozen=True, eq=False)
class Plan:
    """Which units are switched off, in the order of the ranking.

    Attributes:
        identity: of the model, the place of its units and where they are held.
        units: the best one first; those that the reader asked for.
        rest: those that were not asked for yet.
        begin: begins to measure some units in another process.
        metric, unit: of the score, where the measurement doesn't know them; else "".
        more: how to get enough sequences for an interval, as a sentence.
    """

    identity: Hashable
    units: Units
    begin: Callable[[Units], Future[Found]]
    metric: str = ""
    unit: str = ""
    rest: Units = ()
    more: str = ""

    @property
    def found(self) -> list[Ablation]:
        """What is measured so far, also for another property, in the order of the units."""
        known = (_calls().found((self.identity, unit)) for unit in self.units)
        found = [one for each in known if each is not None for one in each]
        if not self.metric:
            return found
        return [replace(one, metric=self.metric, unit_of_score=self.unit) for one in found]

    @property
    def best(self) -> Ablation | None:
        """The result of the unit that tracks best, if it is measured."""
        return next((one for one in self.found if one.unit == self.units[0]), None)

    @property
    def missing(self) -> Units:
        """The units that aren't measured."""
        known = {one.unit for one in self.found}
        return tuple(unit for unit in self.units if unit not in known)

    @property
    def part(self) -> Units:
        """The units to measure next: the best one alone, then up to `PART` others."""
        missing = self.missing
        return missing[:1] if missing[:1] == self.units[:1] else missing[:PART]

    @property
    def problem(self) -> str:
        """What went wrong last time with the next part, or ""."""
        return _calls().problem((self.identity, self.part))


@st.cache_resource(show_spinner=False)
def _calls() -> BackgroundCalls[Found]:
    """Return what this server has measured, each unit by itself."""
    return BackgroundCalls(KEPT, _by_unit)


def _by_unit(key: Any, found: Found) -> dict[Hashable, Found]:
    """Return the result of each unit; ``key`` is an identity and the units of a call."""
    return {(key[0], one.unit): (one,) for one in found}


def choose_plan(ranking: Ranking) -> Plan | None:
    """Draw where a unit that is off stays; return the plan, or None: see `why_not`."""
    examined, many = ranking.examined, ranking.many
    units = ranking.rankable
    if not units or many is None or not (many.count or many.probe):
        return None
    held = OFF.draw()
    identity = examined.key, examined.layer, examined.direction, held
    begin = partial(_begin, examined, many, held)
    asked = len(units) if st.session_state.get(_ALL) == identity else MOST
    return Plan(
        identity,
        units[:asked],
        begin,
        many.metric,
        many.unit,
        units[asked:],
        many.more,
    )


def why_not(ranking: Ranking) -> str:
    """Return why there is no plan, as sentences."""
    if not ranking.rankable:
        return NO_UNIT
    model = ranking.examined.model
    if not isinstance(model, FileModel) or ranking.many is None:
        return NO_SEQUENCES
    return why_no_score(model)


def _begin(examined: Examined, many: Reading, held: str, units: Units) -> Future[Found]:
    """Begin to measure ``units``. The packed model is forgotten once it is sent."""
    call = partial(
        ablate_packed,
        pack(_sent(examined, many)),
        layer=examined.layer,
        direction=examined.direction,
        off="mean" if held == MEAN else 0.0,
        sequences=many.count or SEQUENCES,  # unused with a probe
    )
    return run_in_process(PATIENCE, call, units)


def _sent(examined: Examined, many: Reading) -> Model | Probe:
    """Return the model without its history, or its probe."""
    if many.probe is not None:
        return many.probe
    assert not isinstance(examined.model, FileModel)  # it has a probe, or there is no plan
    if isinstance(examined.model, TrainedModel):
        return TrainedModel(examined.model.spec, examined.model.updates, examined.model.weights)
    return examined.model


def draw_guess(ranking: Ranking, plan: Plan) -> str | None:
    """Ask what happens without the best unit, answer once it is measured; return the guess."""
    best = ranking.best
    held = "its mean" if plan.identity[-1] == MEAN else "0"  # type: ignore[index]
    which = f"Of all units{ranking.place}, the" if ranking.place else "The"
    guess = ask_guess(
        f"{_known_task(ranking)}**{which} {_state(best.letter)} of unit {best.unit} tracks"
        f" the property “{ranking.name}” {how_closely(best)}. You will switch it off: its"
        f" {best.letter} stays at {held} at every"
        f" step. What happens to the model's {score_named(ranking)}?**",
        GUESSES,
        key=GUESS.key,
        about=(plan.identity, best.unit),
        right=lambda: None if plan.best is None else result(plan.best),
    )
    with reserved_answer("tall-find-unit"):
        if guess is None:
            st.write(ask_first("Make a guess first. Then you can switch the unit off."))
        elif plan.best is None:
            st.write(f"Now switch off unit {best.unit}, below the charts.")
        else:
            st.write(answer(plan.best, guess, plan.more))
    return guess


def _state(letter: str) -> str:
    """Return the name of a compared state with its letter."""
    return f"{'cell' if letter == 'c' else 'hidden'} state {letter}"


def _known_task(ranking: Ranking) -> str:
    """Return the model's task, with a space after it; "" if only the user knows it."""
    task, model = ranking.examined.task, ranking.examined.model
    own = isinstance(model, TrainedModel) and isinstance(model.spec.task, OwnData)
    if task is None or own:
        return ""
    return f"The model's task: {task.answer[0].lower()}{task.answer[1:]} "


def show_switching(ranking: Ranking, plan: Plan) -> None:
    """Draw the button, the progress and what breaks without each unit."""
    wished, first = _follow(plan), plan.best

    @st.fragment(run_every=EVERY if wished else None)
    def body() -> None:
        if plan.rest and st.session_state.get(_ALL) == plan.identity:
            st.rerun()  # for a plan with all units
        if _follow(plan) != wished or (plan.best is None) != (first is None):
            st.rerun()  # the timer begins or ends, or the guess can be answered
        _draw_controls(ranking, plan, wished)
        if plan.problem:
            st.error("That didn't work.")
            st.text(sentence(plan.problem))
        if plan.best is not None:
            show_harm(ranking, plan)

    body()


def _follow(plan: Plan) -> bool:
    """Return whether this reader waits for the plan; begin its next part if nothing runs."""
    if st.session_state.get(_WISH) != plan.identity:
        return False
    busy = _calls().under_way() is not None  # first, because it takes in what has finished
    part = plan.part
    if not part or plan.problem:
        st.session_state[_WISH] = None
        return False
    if not busy:
        step_aside()  # starting a process takes a moment
    call = partial(plan.begin, part)  # who asks while another one is running comes next
    _calls().begin((plan.identity, part), call, owner(_OWNER), person())
    return True


def _draw_controls(ranking: Ranking, plan: Plan, wished: bool) -> None:
    units, missing = len(plan.units), len(plan.missing)
    done = units - missing
    if wished:
        turn = _calls().under_way()
        mine = turn is None or turn.owner == owner(_OWNER)
        said = f"{done} of {units} units are switched off and measured"
        st.progress(done / units, said if mine else f"{said}. Another measurement goes first")
        st.button("Stop", key="stop switching", on_click=_stop)
    elif missing:
        first = f"Switch off unit {ranking.best.unit}"
        if missing == 2:
            first += ", then the other unit"
        elif missing > 2:
            first = f"Switch off the {missing} units one at a time, unit {ranking.best.unit} first"
        st.button(
            first if plan.best is None else "Switch off the others",
            type="primary",
            key="switch off",
            on_click=_wish,
            args=(plan,),
        )
    elif plan.rest:
        rest = f"unit {plan.rest[0]}" if len(plan.rest) == 1 else f"the other {len(plan.rest):,}"
        st.button(f"Switch off {rest}, too", key="switch all", on_click=_wish, args=(plan,))


def _wish(plan: Plan) -> None:
    if not plan.missing:
        st.session_state[_ALL] = plan.identity
    _calls().forgive((plan.identity, plan.part))
    st.session_state[_WISH] = plan.identity


def _stop() -> None:
    st.session_state[_WISH] = None
    _calls().stop(owner=owner(_OWNER))


def show_harm(ranking: Ranking, plan: Plan) -> None:
    """Draw whether tracking and ablation agree, once all are measured; and each unit's place."""
    found = plan.found
    if plan.missing:
        st.write(UNFINISHED.format(len(found), len(plan.units)))
    else:
        st.write(f"**{confirm(ranking.ranked, found).sentence}**")
        if plan.more and plan.best is not None and not plan.best.harm.known:
            st.write(plan.more)
    ranked = ranking.ranked
    alt = unit_harm_alt(ranked, found)
    left, right = st.columns([3, 2])
    with left:
        charts.show(unit_harm(ranked, found, theme=charts.theme()), alt, key="unit harm")
        st.caption(
            "Each dot is a unit. To the right: it tracks the property better. Upwards: the model"
            f" loses more without it.{bars(found)}{_limited(plan)}"
        )
    with right:
        st.table(rows(ranking, found), hide_index=True)
        if len(found) > ROWS:
            st.caption(f"The {ROWS} units without which the model loses most, and the best unit.")


def _limited(plan: Plan) -> str:
    """Return that a large model has units which aren't switched off yet, after a space, or ""."""
    done, count = len(plan.units), len(plan.units) + len(plan.rest)
    return (
        f" So far, only the {done} units that track the property best are switched off, of"
        f" {count:,}."
        if plan.rest
        else ""
    )
