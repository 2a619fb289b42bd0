"""The page "LSTM or GRU?": count, compare and measure the cells.

`parameters` holds every setting. `views` draws the four views: `structure` and `side_by_side`;
`claim_cards` with `claims`, `benchmarks`, `attention` and their `claim_charts`; `cards` of known
results; and `search` with its `recommendation`, on the reader's data or on `samples`. Both kinds of
cards are a `card`.
"""
