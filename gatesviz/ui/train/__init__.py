"""The page "Train live": what is trained, its runs in the engine, and what is seen of them.

own, changes, more → settings → session → opening, controls, chart, scrubbing → live, gates →
sending, growth, question
"""
