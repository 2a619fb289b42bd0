"""Settings that are added to an address which was opened on a page without them."""

from streamlit.runtime.scriptrunner import get_script_run_ctx


def add_to_address(key: str, value: int | str) -> None:
    """Add a setting to the address that was opened on the page, before its widget is drawn.

    Streamlit gives a setting that such an address lacks its default, whatever the session holds.
    """
    context = get_script_run_ctx()
    if context is not None:
        kind = "int_value" if isinstance(value, int) else "string_value"
        with context.session_state.query_params() as params:
            params.set_corrected_value(key, value, kind)
            params.set_initial_query_params_from_current()
