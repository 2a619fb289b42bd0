"""The page "Train live": what is trained, its runs in the engine, and what is seen of them.

settings → session → controls, chart → live, gates → question
"""
