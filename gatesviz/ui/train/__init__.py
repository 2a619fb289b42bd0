"""The page "Train live": settings, runs in the engine, curves and gates.

parameters → settings → session → chart, update_slider → live, gates → handoff, training_heatmap,
question. From a widget to one update: pages/train.py → parameters → settings → session →
engine/scheduler → engine/run → engine/dispatcher → engine/slices → training/fold →
training/network.
"""
