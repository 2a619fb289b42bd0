"""The unit detective: which unit tracks a property, does the model need it, where is it active?

    >>> ranked = rank(recording, labels, letter="c")                      # doctest: +SKIP
    >>> ablated = ablate(model, [each.unit for each in ranked[:5]])       # doctest: +SKIP
    >>> print(confirm(ranked, ablated).sentence)                          # doctest: +SKIP
    >>> find(recording, (10, 16), threshold=0.5)                          # doctest: +SKIP

`properties` turns a text into labels. A correlation doesn't show that a unit does anything, so
`confirm` compares it with what breaks when the unit is switched off.
"""

from gatesviz.detective import properties
from gatesviz.detective.ablation import Ablation, Probe, ablate
from gatesviz.detective.confirmation import confirm
from gatesviz.detective.matches import Match, Stretch, active_units, find
from gatesviz.detective.tracking import Tracked, rank

__all__ = [
    "Ablation",
    "Match",
    "Probe",
    "Stretch",
    "Tracked",
    "ablate",
    "active_units",
    "confirm",
    "find",
    "properties",
    "rank",
]
