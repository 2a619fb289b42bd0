"""Compare the unit that tracks a property with the units that the model needs."""

import math
from collections.abc import Iterable, Mapping, Sequence

from gatesviz.detective.ablation import Ablation
from gatesviz.detective.tracking import Tracked, tie_text, tied
from gatesviz.experiments.statistics import FEWEST, Verdict, counted


def confirm(ranked: Iterable[Tracked], ablated: Iterable[Ablation]) -> Verdict:
    """Say whether the unit that tracks a property best is also the one that the model needs most.

    - "yes": switching the unit off makes the score worse (the 95 % interval of the harm is above
      0), and no other tested unit has an interval entirely above this unit's.
    - "no": the interval reaches 0, or another unit's interval is entirely above it.
    - "cannot tell": there are too few sequences for an interval, or no unit can be ranked, because
      each is constant or has values that aren't finite.

    This is evidence, not proof: switching a unit off can do harm for another reason than the
    property, and two units that do the same can replace each other.

    Args:
        ranked: the result of `rank`.
        ablated: the result of `ablate` for the same layer and direction, with the best unit of
            ``ranked`` among its units.

    Returns:
        The answer, and a sentence or two with the numbers. They also name the units that track
        the property as well as the best one, to two decimals.

    Raises:
        TypeError: if an argument is not a sequence of results.
        ValueError: if the best unit was not switched off, or not in this layer and direction.
    """
    for name, given in (("rank", ranked), ("ablate", ablated)):
        if not isinstance(given, Iterable):
            raise TypeError(
                f"expected the results of rank and of ablate, got {given!r:.40} for {name}"
            )
    order = tuple(ranked)
    tracked, without = {each.unit: each for each in order}, {each.unit: each for each in ablated}
    best, effect = _of_the_best(tracked, without)
    if math.isnan(best.measure):
        return Verdict(
            "cannot tell", "No unit can be ranked: each is constant, or a value isn't finite."
        )
    what = f"{best.unit} tracks the property best ({best.name} = {best.measure:.2f})"
    if not effect.harm.known:
        count, each = effect.harm.n, effect.harm.unit
        are = f"{counted(count, each)} {'is' if count == 1 else 'are'}"
        return Verdict(
            "cannot tell",
            f"Unit {what}, but {are} too few to say what it does. Use at least {FEWEST}."
            f"{_tie(order)}",
        )
    return _judged(order, what, effect, without)


def _judged(
    order: Sequence[Tracked], what: str, effect: Ablation, without: Mapping[int, Ablation]
) -> Verdict:
    """Return "yes" or "no": ``what`` names the best unit, ``effect`` is what breaks without it."""
    needed, least = effect.harm.low > 0, max(0.0, effect.harm.high)
    worse = [each for each in without.values() if each.harm.low > least]
    if needed and not worse:
        rest = (
            f" Of {len(without)} units, no other one costs clearly more when you switch it off."
            if len(without) > 1
            else ""
        )
        return Verdict(
            "yes",
            f"Both measurements agree: unit {what}, and {_change(effect)}.{_tie(order)}{rest}",
        )
    change = f"{'and' if needed else 'but'} {_change(effect)}."
    why = ""
    if not worse:
        other = _tie(order)
    else:
        worst = max(worse, key=lambda each: (each.harm.estimate, -each.unit))
        other = f"{_tie(order, worst.unit)} {_other(worst, order)}"
        why = f"the model needs unit {worst.unit} more. " if needed else ""
    unit = f"{'U' if why else 'u'}nit"
    return Verdict("no", f"The two measurements disagree: {why}{unit} {what}, {change}{other}")


def _tie(ranked: Sequence[Tracked], named: int | None = None) -> str:
    """Return which units track it as well as the best, without the one that is ``named`` anyway."""
    text = tie_text(ranked, [unit for unit in tied(ranked) if unit != named])
    return f" {text}" if text else ""


def _of_the_best(
    tracked: Mapping[int, Tracked], without: Mapping[int, Ablation]
) -> tuple[Tracked, Ablation]:
    """Return the unit that tracks best, and what breaks without it."""
    if not tracked or not without:
        raise ValueError("expected the results of rank and of ablate, got none")
    best = next(iter(tracked.values()))
    effect = without.get(best.unit)
    if effect is None:
        raise ValueError(
            f"unit {best.unit} tracks the property best, but it was not switched off: pass"
            f" ablate(model, [{best.unit}, …])"
        )
    if (best.layer, best.direction) != (effect.layer, effect.direction):
        raise ValueError(
            f"ranked in layer {best.layer} {best.direction}, switched off in layer {effect.layer}"
            f" {effect.direction}: expected the same layer and direction"
        )
    if best.units != effect.units:
        raise ValueError(
            f"ranked {best.units} units of {best.letter}, switched off {effect.units} units of"
            f" {effect.letter}. With a projection these are different units: pass"
            f" rank(…, letter={effect.letter!r})"
        )
    return best, effect


def _change(effect: Ablation) -> str:
    before, after = (effect.score_text(s) for s in (effect.unchanged, effect.score))
    if effect.harm.low > 0:
        found = "gets worse"
    elif effect.harm.high < 0:
        found = "gets better"
    elif effect.harm.low == effect.harm.high:
        return f"without it the model does as well: {effect.metric} {after} ({effect.harm_text})"
    else:
        found = "changes too little to tell"
    scores = f"{effect.metric} {before} → {after}"
    return f"without it the model {found}: {scores} ({effect.harm_text})"


def _other(one: Ablation, ranked: Sequence[Tracked]) -> str:
    known = next((each for each in ranked if each.unit == one.unit), None)
    tracks = ""
    if known is not None and not math.isnan(known.measure):
        measure = f"{known.name} = {known.measure:.2f}"
        equally = one.unit in tied(ranked)
        tracks = (
            f", which tracks it {f'equally well ({measure})' if equally else f'with {measure}'}"
        )
    after = one.score_text(one.score)
    without = f"without it, {one.metric} {after} ({one.harm_text})"
    return f"Unit {one.unit}{tracks}, matters more: {without}."
