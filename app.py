"""The app: ``streamlit run app.py``, or any ASGI server with ``app:app``."""

import streamlit as st

from gatesviz.ui.classroom.live import routes
from gatesviz.ui.components import CODE
from gatesviz.ui.failures import tell_unexpected
from gatesviz.ui.folders import UI
from gatesviz.ui.server import lifespan, middleware

# main.py is not next to pages/: Streamlit would then open the page of a link without the frame
# around it.
app = st.App(
    UI / "main.py",
    lifespan=lifespan,
    routes=[*routes, CODE.route()],
    middleware=middleware,
    on_script_error=tell_unexpected,
)
