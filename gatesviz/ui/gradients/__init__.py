"""The page *Vanishing gradients*: backpropagation through time, measured on real models.

settings → models → measurements → question, sentences → a module for each view
"""
