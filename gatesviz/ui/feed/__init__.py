"""The page "Feed a sequence": choose an input and a model, and watch every gate.

sources → models → recordings → question
"""
