"""The animated player: its payload, the JavaScript that draws it, and its hosts.

`payload` packs traces. `page` makes one HTML file that opens offline. `notebook` shows the
player through anywidget. The Streamlit host is in `gatesviz.ui`.
"""
