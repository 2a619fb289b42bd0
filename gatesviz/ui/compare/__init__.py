"""The page "LSTM or GRU?": count, compare and measure the cells.

`parameters` holds every setting. `views` draws the four views: `structure` and `side_by_side`;
`claims`, `benchmarks` and `attention` with their `claim_charts`; `cards`; and `search` with its
`recommendation`, on the reader's data or on `samples`.
"""
