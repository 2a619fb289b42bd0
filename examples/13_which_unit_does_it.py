"""Which unit counts the brackets? Rank the units, switch each off, and find similar steps."""

import gatesviz as gv
from gatesviz.detective import properties
from gatesviz.experiments.what_if import fresh_sequences

model = gv.load_trained("brackets-lstm")
inputs = fresh_sequences(model, 200).inputs
texts = properties.spell(inputs, model.vocabulary)
depth = properties.for_texts(properties.bracket_depth, texts)
recording = gv.record(model.module, inputs)

ranked = gv.rank(recording, depth, letter="c")
ablated = gv.ablate(model, sequences=200)
print("Units that track the depth:", *ranked[:3], sep="\n  ")
print("Units that the model needs:", *ablated[:3], sep="\n  ")
print(gv.confirm(ranked, ablated).sentence)

print("\nOther stretches with the same active units as", *texts[0][10:16])
for match in gv.find(recording, (10, 16), letter="c", most=5):
    start, stop, sample, _ = match.stretch
    print(*texts[sample][start:stop], "depth", depth[start, sample], match)
