"""Compare LSTM and GRU without training; `gatesviz experiment` has more comparisons."""

from gatesviz.experiments.claims import BENCHMARKS, PARAMETERS
from gatesviz.experiments.known import CARDS

for asked in (PARAMETERS, BENCHMARKS["memory"]):
    found = asked.measure("adding")  # the sizes of that task
    verdict = found.findings().verdict
    print(f"“{asked.sentence}” {verdict.answer}: {verdict.sentence}")
    print("   ", {cell: values[0] for cell, values in found.values.items()}, asked.y_name)

card = CARDS["X4"]  # a known result, with what is expected and what comes out here
print(card.title, card.outcome().status)
for row in card.outcome().rows:
    print(f"    {row.band.row}: {row.values[0]:.4g}, expected {row.band}")
