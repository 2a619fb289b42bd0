"""The page "Feed a sequence": where the sequence comes from, what reads it, what was seen.

sources → models → readings → question
"""
