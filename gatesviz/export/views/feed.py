"""Views of the page "Feed a sequence": the player on the same recording as in the app."""

from collections.abc import Mapping, Sequence

from gatesviz.cells import CELLS
from gatesviz.export.views.view import Option, Player, Slider, View, single
from gatesviz.limits import FORGET_BIAS
from gatesviz.player.payload import Selection, payload
from gatesviz.sequences import SERIES, parse_text, series, wave
from gatesviz.sequences import Sequence as Steps
from gatesviz.sequences.respelling import respell
from gatesviz.trained import load_trained, trained_name
from gatesviz.ui.feed import parameters as page
from gatesviz.ui.feed.models import Setup
from gatesviz.ui.feed.recordings import panels, read_sequence
from gatesviz.ui.feed.sources import EXAMPLE
from gatesviz.ui.inside.moment import shortest
from gatesviz.ui.player import linked

LONG, KEPT = 200, 30
"""Of a longer recording, the page stores so many first steps, and all inputs."""
TYPED = "In the app you can also type another text and choose other sizes."


def feed(query: Mapping[str, str], show: Sequence[str]) -> View:
    """Return the view of a link's parameters; ``show`` names the controls that it needs."""
    setup = _setup(query)
    sequence = _sequence(query, setup)
    select = linked(query, Selection(playing=True))
    if page.LAYER_SHOWN.key in show or page.DIRECTION_SHOWN.key in show:
        return _of_parts(sequence, query, select)
    sliders = (_forget_bias(setup),) if page.FORGET.key in show else ()
    note = TYPED if page.HIDDEN_UNITS.key in show else ""
    return single(_player(sequence, setup, select, sliders), note=note)


def _player(
    sequence: Steps, setup: Setup, select: Selection, sliders: tuple[Slider, ...] = ()
) -> Player:
    long = len(sequence.values) > LONG
    shown = sequence
    if long:
        shown = Steps(
            sequence.values[:KEPT], sequence.labels[:KEPT], sequence.features, sequence.kind,
            sequence.title,
        )  # fmt: skip
    data = payload(panels(shown, setup, read_sequence(shown, setup)))
    reads = tuple(map(shortest, sequence.values[:, 0])) if long else ()
    return Player(data, select, sliders, reads=reads)


def _setup(query: Mapping[str, str]) -> Setup:
    """Return the models that a link names: packaged or fresh ones."""
    cells = page.CELL_CHOICES[page.CELL.read(query)]
    weights = page.WEIGHT.read(query)
    if weights != page.FRESH:
        return Setup(cells, weights)
    layers = page.LAYER_COUNT.read(query)
    return Setup(
        cells,
        weights,
        page.HIDDEN_UNITS.read(query),
        layers,
        page.BOTH.read(query),
        page.SEED_FIELD.read(query),
        page.FORGET.read(query),
        (int(query[page.LAYER_SHOWN.key]) if page.LAYER_SHOWN.key in query else layers) - 1,
        page.DIRECTION_SHOWN.read(query),
    )


def _sequence(query: Mapping[str, str], setup: Setup) -> Steps:
    source = page.SOURCE.read(query)
    if source == "text":
        return _text(query, setup)
    if source == "wave":
        return wave(
            page.SHAPE.read(query),
            page.LENGTH.read(query),
            period=page.PERIOD_FIELD.default,
            noise=0.0,
            seed=page.NOISE_SEED.read(query),
        )
    [key] = [key for key, one in SERIES.items() if one.title == page.REAL_SERIES.read(query)]
    return series(key, 0, page.LENGTH.read(query)).scaled("standard")


def _text(query: Mapping[str, str], setup: Setup) -> Steps:
    if setup.weights == page.FRESH:
        return parse_text(query.get(page.TEXT.key) or EXAMPLE, None)
    name = trained_name(setup.weights, setup.cells[0])
    assert name is not None  # lessons name packaged models
    model = load_trained(name)
    assert model.vocabulary is not None
    text = respell(query.get(page.TEXT.key) or model.example, model.vocabulary).text
    return parse_text(text, model.vocabulary)


def _of_parts(sequence: Steps, query: Mapping[str, str], select: Selection) -> View:
    """Return a view with a menu of every layer and direction of the network."""
    layers, both = page.LAYER_COUNT.read(query), page.BOTH.read(query)
    options, begin, opens = list[Option](), 0, _setup(query)
    for layer in range(layers):
        for direction in page.DIRECTIONS if both else page.DIRECTIONS[:1]:
            named = {page.LAYER_SHOWN.key: str(layer + 1), page.DIRECTION_SHOWN.key: direction}
            setup = _setup({**query, **named})
            if (layer, direction) == (opens.layer, opens.direction):
                begin = len(options)
            name = f"layer {layer + 1}, {direction}" if layers > 1 else direction
            options.append(Option(name, (_player(sequence, setup, select),)))
    label = "Layer and direction shown" if layers > 1 else page.DIRECTION_SHOWN.label
    return View(tuple(options), label, begin)


def _forget_bias(setup: Setup) -> Slider:
    """Return the slider of the forget bias of a fresh network with one layer."""
    [cell] = setup.cells
    forget = CELLS[cell].biases.forget
    assert forget is not None
    assert setup.forget_bias is not None  # else b_hf isn't 0, and the sum of both isn't b_if
    first = CELLS[cell].blocks.index(forget) * setup.hidden_size
    places = tuple(("bias_ih", first + unit, 0) for unit in range(setup.hidden_size))
    low, high = FORGET_BIAS.low, FORGET_BIAS.high
    return Slider(page.FORGET.label, low, high, 0.5, setup.forget_bias, places)
