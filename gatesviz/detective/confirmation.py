"""Compare the unit that tracks a property with the units that the model needs."""

import math
from collections.abc import Iterable, Mapping

from gatesviz.detective.ablation import Ablation
from gatesviz.detective.tracking import Tracked
from gatesviz.experiments.statistics import FEWEST, Verdict


def confirm(ranked: Iterable[Tracked], ablated: Iterable[Ablation]) -> Verdict:
    """Say whether the unit that tracks a property best is also the one that the model needs most.

    - "yes": without it the score is worse, by an interval above 0, and no other unit that was
      switched off does more harm, by an interval above this one.
    - "no": the interval of its harm reaches 0, or another unit does more harm.
    - "cannot tell": there are too few sequences for an interval, or no unit has a measure.

    A unit can harm for another reason than the property, and two units that do the same can replace
    each other, so this is evidence and not a proof.

    Args:
        ranked: from `rank`.
        ablated: from `ablate`, in the same layer and direction, with the best of ``ranked``.

    Returns:
        The answer, and a sentence or two with the numbers.

    Raises:
        ValueError: if the best unit was not switched off, or not in this layer and direction.
    """
    tracked, without = {each.unit: each for each in ranked}, {each.unit: each for each in ablated}
    best, effect = _of_the_best(tracked, without)
    if math.isnan(best.measure):
        return Verdict(
            "cannot tell", "No unit can be ranked: each is constant, or a value isn't finite."
        )
    what = f"{best.unit} tracks the property best ({best.name} = {best.measure:.2f})"
    if not effect.harm.known:
        count = effect.harm.n
        are = "1 sequence is" if count == 1 else f"{count} sequences are"
        return Verdict(
            "cannot tell",
            f"Unit {what}, but {are} too few to say what it does. Use at least {FEWEST}.",
        )
    needed, least = effect.harm.low > 0, max(0.0, effect.harm.high)
    worse = [each for each in without.values() if each.harm.low > least]
    if needed and not worse:
        rest = (
            f" No other of {len(without)} units does clearly more harm." if len(without) > 1 else ""
        )
        return Verdict(
            "yes", f"Correlation and ablation agree: unit {what}, and {_change(effect)}.{rest}"
        )
    change = f"{'and' if needed else 'but'} {_change(effect)}."
    other = ""
    if worse:
        worst = max(worse, key=lambda each: (each.harm.estimate, -each.unit))
        other = f" {_other(worst, tracked)}"
    return Verdict("no", f"Correlation and ablation disagree: unit {what}, {change}{other}")


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
        found = f"is worse, {before} → {after}"
    elif effect.harm.high < 0:
        found = f"is better, {before} → {after}"
    elif effect.harm.low == effect.harm.high:
        found = f"stays at {after}"
    else:
        found = f"changes too little to tell, {before} → {after}"
    return f"without it the {effect.metric} {found} ({effect.harm_text})"


def _other(one: Ablation, tracked: Mapping[int, Tracked]) -> str:
    known = tracked.get(one.unit)
    tracks = ""
    if known is not None and not math.isnan(known.measure):
        tracks = f", which tracks it with {known.name} = {known.measure:.2f}"
    after = one.score_text(one.score)
    return f"Unit {one.unit}{tracks}, matters more: without it {after} ({one.harm_text})."
