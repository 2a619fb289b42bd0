"""The page "Inside the cell": a tiny cell whose every number is set by hand.

weights → presets → moment → working → session → hands → question, direction
"""
