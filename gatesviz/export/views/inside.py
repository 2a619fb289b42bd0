"""Views of the page "Inside the cell": a tiny cell that the browser computes step by step."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gatesviz.cells import GRU
from gatesviz.export.views.view import Option, Player, Still, View, Walk, prose, table
from gatesviz.limits import HAND_INPUT, HAND_STEPS
from gatesviz.player.payload import Panel, Selection, payload
from gatesviz.presets import FRESH, OWN, preset_values, presets
from gatesviz.traces import Trace
from gatesviz.ui.inside import moment, parameters
from gatesviz.ui.inside.direction import PRINCIPLE, compare_guess, which_agree
from gatesviz.ui.inside.moment import Moment
from gatesviz.ui.inside.parameters import CELL, CELL_KEYS, INPUT, PRESET, UNIT_COUNT, VIEW, Z_VIEW
from gatesviz.ui.inside.sentences import apart, format_values
from gatesviz.ui.inside.step import recorded
from gatesviz.ui.inside.variants import variants

LIMITS = Walk(HAND_STEPS.high, HAND_INPUT.high)


def inside(query: Mapping[str, str], show: Sequence[str]) -> View:
    """Return the view of a link's parameters; ``show`` names the controls that it needs."""
    cell = CELL_KEYS[CELL.read(query)]
    if VIEW.read(query) == Z_VIEW:
        return _three_forms(moment_of(query, GRU.key, next(iter(presets(GRU.key)))), query)
    known = [name for name in presets(cell) if name not in (FRESH, OWN)]
    first = query.get(PRESET.key, known[0])
    names = known if PRESET.key in show else [first]
    options = tuple(_option(moment_of(query, cell, name), name) for name in names)
    return View(options, PRESET.label if len(options) > 1 else "", names.index(first))


def moment_of(query: Mapping[str, str], cell: str, preset: str) -> Moment:
    """Return the step that a link opens, with the weights of a preset."""
    units = UNIT_COUNT.read(query)
    weights = preset_values(cell, units, preset, seed=parameters.SEED_FIELD.read(query))
    start = moment.Walk()
    walk = moment.Walk(
        _pair(_numbers(query, "inh"), start.h),
        _pair(_numbers(query, "inc"), start.c),
        _numbers(query, "inpast"),
    )
    return Moment(cell, units, weights, walk, float(INPUT.read(query)))


def _numbers(query: Mapping[str, str], name: str) -> tuple[float, ...]:
    return tuple(map(float, query[name].split("_"))) if name in query else ()


def _pair(given: tuple[float, ...], otherwise: tuple[float, float]) -> tuple[float, float]:
    """Return the state of two units; a link may give that of none or one."""
    first, second = (*given, *otherwise[len(given) :])
    return first, second


def _option(one: Moment, preset: str) -> Option:
    trace = recorded(one)
    data = payload([Panel(trace, features=["x"])])
    player = Player(data, Selection(step=trace.steps - 1), walk=LIMITS)
    return Option(preset, (prose(presets(one.cell)[preset].meaning), player))


def _three_forms(one: Moment, query: Mapping[str, str]) -> View:
    """Return the three ways of writing the GRU, for several inputs, as tables."""
    inputs = sorted({float(INPUT.read(query)), -1.0, 1.0})
    options = []
    for x in inputs:
        now = replace(one, x=x)
        options.append(Option(f"{x:g}".replace("-", "−"), _forms(now, recorded(now), query)))
    return View(tuple(options), INPUT.label, inputs.index(float(INPUT.read(query))))


def _forms(one: Moment, trace: Trace, query: Mapping[str, str]) -> tuple[Still, ...]:
    ways = variants(one, trace)
    rows = [
        {
            "Version": way.name,
            "h′": format_values(way.h),
            "Compared with torch.nn.GRUCell": f"{'same' if way.same else 'not the same'}"
            f" ({apart(way.difference)})",
        }
        for way in ways
    ]
    guess = query.get("inz")
    said = (compare_guess(one, trace, guess),) if guess else ()
    agree = which_agree(one, trace, ways)
    return prose(*said), table(rows, "Three versions of the GRU"), prose(agree, PRINCIPLE)
