"""The page "LSTM or GRU?": the two cells side by side, and what measuring says of them.

samples → parameters → structure, beside; drawing → cards; attending → saying; bench → measuring;
advising → choosing; then views
"""
