"""The page "Vanishing gradients": backpropagation through time, measured on the models on screen.

settings → models → measuring → question, sentences, lines → a module for each view
"""
