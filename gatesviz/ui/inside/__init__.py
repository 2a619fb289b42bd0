"""The page "Inside the cell": a tiny cell whose inputs, states and weights are sliders.

presets → moment → sliders → step → session → controls → question, direction
"""
