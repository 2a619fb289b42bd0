"""The page "Train live": settings, runs in the engine, curves and gates.

parameters → settings → session → chart, update_slider → live, gates → handoff, training_heatmap,
question. CONTRIBUTING lists the files from a widget to one update of a model.
"""
