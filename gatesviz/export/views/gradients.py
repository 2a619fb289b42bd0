"""Views of the page "Vanishing gradients": measured curves, maps, and the player that runs back."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gatesviz.experiments import clipping_experiment, horizon_experiment, horizon_map
from gatesviz.experiments.horizon import LENGTHS, ROWS
from gatesviz.experiments.known.decay import forgetting_norms
from gatesviz.experiments.known.release import released
from gatesviz.export.views.view import Option, Player, Still, View, chart, prose, single
from gatesviz.figures import (
    cliff_alt,
    cliff_contours,
    flow_curves_alt,
    flow_draft,
    horizon_squares,
    horizon_squares_alt,
    norm_curves,
    norm_curves_alt,
)
from gatesviz.gradients import forget_bias_of
from gatesviz.player.payload import payload
from gatesviz.ui.gradients import (
    backward,
    exploding_gradients,
    half_life,
    horizon,
    question,
    reach,
    sentences,
)
from gatesviz.ui.gradients import parameters as page
from gatesviz.ui.gradients.measurements import Measured, measure_flow
from gatesviz.ui.gradients.models import subjects
from gatesviz.ui.gradients.settings import Settings
from gatesviz.ui.player import linked

BIASES = (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
"""The forget biases whose half-lives a page shows."""
CHOICES: Mapping[str, tuple[Any, ...]] = {
    page.RADIUS_FIELD.key: (0.9, 1.0, 1.1),
    page.FORGET_FIELD.key: (0.0, 1.0, 2.0, 5.0),
    page.BIAS_FIELD.key: (page.DEFAULT, page.CHRONO),
}
"""The settings that a view can have, and their values, by the control that the step shows."""
_MARKS = ("diamonds", "circles")
UNTRAINED = "The runs were recorded for this release. “…” means that there is none."


def gradients(query: Mapping[str, str], show: Sequence[str]) -> View:
    """Return the view of a link's parameters; ``show`` names the controls that it needs."""
    return VIEWS[page.VIEW_FIELD.read(query)](query, show)


def _settings(query: Mapping[str, str]) -> Settings:
    recurrent, bias = page.RECURRENT_FIELD.read(query), page.BIAS_FIELD.read(query)
    return Settings(
        seed=page.SEED_FIELD.read(query),
        length=page.STEPS_FIELD.read(query),
        hidden_size=page.HIDDEN_FIELD.read(query),
        recurrent=recurrent,
        radius=1.0 if recurrent == page.DEFAULT else page.RADIUS_FIELD.read(query),
        activation=page.ACTIVATION_FIELD.read(query),
        fed=page.FED_FIELD.read(query),
        bias=bias,
        forget_bias=page.FORGET_FIELD.read(query) if bias == page.SET_BIAS else 1.0,
    )


@functools.lru_cache(maxsize=16)
def _flows(settings: Settings) -> tuple[Measured, ...]:
    return tuple(measure_flow(subject) for subject in subjects(settings))


def _how_far_back(query: Mapping[str, str], show: Sequence[str]) -> View:
    """Return the curves of every cell, or the empty axes while the page asks for a guess."""
    if not page.SHOW_FIELD.read(query):
        [one, *_] = _flows(_settings(query))
        empty = flow_draft([], quantity=reach.QUANTITY, height=420, steps=one.steps)
        return single(chart(empty, f"{reach.EMPTY} {reach.QUANTITY}, over steps back."))
    key = next((key for key in CHOICES if key in show and key in query), None)
    name = page.CURVES_FIELD.read(query)
    if key is None:
        return single(*_curves(_settings(query), name))
    values, rho = CHOICES[key], page.RADIUS_FIELD.key
    named = [str(value) for value in values]
    first = query[key]
    options = tuple(
        Option(value, tuple(_curves(_settings({**query, key: value}), name, paths=key != rho)))
        for value in named
    )
    field = next(field for field in page.FIELDS if field.key == key)
    begin = next(k for k, value in enumerate(values) if value == field.from_link(first))
    return View(options, field.label, begin)


def _curves(settings: Settings, name: str, *, paths: bool = True) -> Iterator[Still]:
    """Return the curves of one cell, or of all, and what the page says of them."""
    flows = reach.chosen_of(list(_flows(settings)), name)
    yield prose(sentences.LOSS)
    known = reach.curves(flows)
    figure = flow_draft(known, theory=reach.theories(flows), quantity=reach.QUANTITY, height=420)
    yield chart(figure, flow_curves_alt(known, reach.QUANTITY))
    for one in flows:
        theory = sentences.describe_theory(one)
        yield prose(sentences.describe_flow(one), *([theory] if theory else []))
    for one in flows if paths else ():
        if "carry" in one.paths and one.kind.kept_state == "c":
            yield prose(f"**Two paths of the {one.name}'s gradient**")
            parts = reach.path_curves(one)
            figure = flow_draft(parts, quantity=reach.QUANTITY, height=360)
            yield chart(figure, flow_curves_alt(parts, reach.QUANTITY))
            yield prose(sentences.describe_paths(one))
    yield prose(question.PRINCIPLE)


def _backward(query: Mapping[str, str], show: Sequence[str]) -> View:
    """Return the player that runs back, with a menu of cells if the step shows it."""
    flows = {one.name: one for one in _flows(_settings(query))}
    first = page.CELL_FIELD.read(query)
    names = [n for n in page.CELLS if n in flows] if page.CELL_FIELD.key in show else [first]
    options = tuple(Option(name, (_running_back(flows[name], query),)) for name in names)
    return View(options, page.CELL_FIELD.label if len(options) > 1 else "", names.index(first))


def _running_back(one: Measured, query: Mapping[str, str]) -> Player:
    return Player(payload([backward.panel(one)]), linked(query, backward.start_of(one)))


def _half_life(query: Mapping[str, str], show: Sequence[str]) -> View:
    """Return what is left of c for each of `BIASES`, and for the biases of some half-lives."""
    by_bias = {bias: f"{bias:g}".replace("-", "−") for bias in BIASES}
    if page.HALF_STEPS_FIELD.key in show:
        for steps in (10, 50, 200):
            bias = round(forget_bias_of(steps), 2)
            by_bias[bias] = f"{bias:g} (half-life {steps} steps)"
    biases = sorted(by_bias)
    options = tuple(Option(by_bias[bias], _left(bias)) for bias in biases)
    return View(options, page.HALF_BIAS_FIELD.label, biases.index(page.HALF_BIAS_FIELD.read(query)))


@functools.cache
def _left(bias: float) -> tuple[Still, ...]:
    norms = forgetting_norms(bias, half_life.SHOWN)
    known = [half_life.left_of(bias, norms)]
    figure = flow_draft(
        known, floor=half_life.FLOOR, quantity=half_life.QUANTITY, along=half_life.ALONG, height=360
    )
    drawn = chart(figure, flow_curves_alt(known, half_life.QUANTITY))
    return prose(half_life.SETTING), drawn, prose(half_life.describe(bias, norms))


def _horizon(query: Mapping[str, str], show: Sequence[str]) -> View:
    """Return the reach before training, once the page's own question has an answer."""
    if page.LEARNS_FIELD.key not in query:
        return single(prose(horizon.SETTING))
    shipped = released(horizon_experiment().trials)
    known = horizon_map({t.spec: one for t, one in shipped.items()}, tuple(ROWS), LENGTHS)
    drawn = chart(horizon_squares(known), horizon_squares_alt(known))
    words = prose(f"{horizon.LEGEND} {UNTRAINED}", horizon.PRINCIPLE)
    return single(prose(horizon.SETTING), drawn, words)


def _exploding(query: Mapping[str, str], show: Sequence[str]) -> View:
    """Return the cliff, and with an answer to the page's question also two descents."""
    first = page.PHI_FIELD.read(query)
    names = page.PHIS if page.PHI_FIELD.key in show else (first,)
    guess = query.get(page.FATE_FIELD.key)
    norms = _norms() if guess and page.PHI_FIELD.key not in show else ()
    options = tuple(Option(phi, (*_cliff(phi, guess), *norms)) for phi in names)
    return View(options, page.PHI_FIELD.label if len(names) > 1 else "", names.index(first))


@functools.cache
def _cliff(phi: str, guess: str | None) -> tuple[Still, ...]:
    ground, paths = exploding_gradients.cliff(phi)
    shown = paths if guess else {}
    said = [exploding_gradients.describe_cliff(phi, descents=bool(guess))]
    after = [exploding_gradients.compare_guess(paths, guess)] if guess else []
    key = [f" {name.capitalize()}: {how}." for name, how in zip(shown, _MARKS, strict=False)]
    drawn = chart(cliff_contours(ground, shown), cliff_alt(ground, shown))
    legend = f"The colour is the loss: the brighter, the larger.{''.join(key)}"
    return prose(*said), drawn, prose(legend, *after)


@functools.cache
def _norms() -> tuple[Still, ...]:
    """Return the gradient norms of a run without clipping and of one with it, trained here."""
    from gatesviz.training import advance, start

    norms, experiment = {}, clipping_experiment()
    for spec in experiment.specs:
        state, snapshots = start(spec), list[Any]()
        while not state.stopped and state.updates < experiment.updates:
            state, made = advance(state, min(100, experiment.updates - state.updates))
            snapshots += made
        name = exploding_gradients.run_name(spec)
        norms[name] = np.array([one.gradient_norm for one in snapshots], np.float32)
    clip = max(spec.clip or 0.0 for spec in experiment.specs)
    drawn = chart(norm_curves(norms, clip=clip), norm_curves_alt(norms))
    return prose(exploding_gradients.TRAINING), drawn


VIEWS: Mapping[str, Callable[[Mapping[str, str], Sequence[str]], View]] = {
    page.REACH: _how_far_back,
    page.BACKWARD: _backward,
    page.HALF_LIFE: _half_life,
    page.HORIZON: _horizon,
    page.EXPLODING: _exploding,
}
