"""The page "LSTM or GRU?": the two cells side by side, and what measuring says of them.

parameters → structure, beside, cards → views
"""
