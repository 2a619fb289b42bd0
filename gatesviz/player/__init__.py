"""The animated player: a compact payload, the modules that draw it, and the hosts that show it.

`payload` packs traces; `page` makes one HTML file that opens offline; `notebook` shows the same
player through anywidget; the Streamlit host lives with the rest of Streamlit in `gatesviz.ui`.
"""
