"""Links that carry what you choose: guesses, hidden controls and locked values.

locks (in ui: what the address says) → hiding (the style, "Show everything")
                                     → link (the part at the end of a page)
"""
