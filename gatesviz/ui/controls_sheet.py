"""On a phone: the sidebar as a sheet at the lower edge, where it leaves the picture in view."""

SIDEBAR = "[data-testid=stSidebar]"
PHONE = "@media (max-width: 768px)"
"""Where Streamlit lays the sidebar over the page, and has the menu in it."""
_OPEN = ":root[data-gv-controls]"
"""What a button that opens the sidebar as a sheet sets; the menu's own button removes it."""


def sheet_style(which: str = "", *, above: str = "0") -> str:
    """Return the CSS of the sheet.

    Args:
        which: further part of the sidebar's selector, such as ``:has(.st-key-w)``.
        above: height of what is between the sheet and the lower edge.
    """
    used = f"{_OPEN} {SIDEBAR}[data-collapsed=false]{which}"
    return (
        f"{PHONE} {{ :root {{ --gv-sheet: 1; }}"
        f" {used} {{ position: fixed !important; inset: auto 0 {above} 0 !important;"
        " width: 100% !important; min-width: 0 !important; max-width: none !important;"
        " height: auto !important; max-height: 40dvh; overflow-y: auto;"
        " transition: none !important;"
        " border-top: 2px solid color-mix(in srgb, currentColor 60%, transparent); }"
        f" {used} [data-testid=stSidebarContent] {{ height: auto; max-height: 40dvh; }}"
        f" {used} [data-testid=stSidebarHeader] {{ height: auto; padding-block: 0; margin: 0; }}"
        f" {used} [data-testid=stSidebarNav], {used} [data-testid=stSidebarNavSeparator]"
        " { display: none; }"
        f" {used} [data-testid=stSidebarUserContent] {{ padding: 0 1rem 0.75rem; }} }}"
    )


def page_above_sheet() -> str:
    """Return the CSS that lets the end of the page be scrolled above the open sheet."""
    page = f"[data-testid=stApp]:has({SIDEBAR}[data-collapsed=false])"
    content = f"{_OPEN} {page} [data-testid=stMainBlockContainer]"
    return f"{PHONE} {{ {content} {{ padding-bottom: 44dvh; }} }}"
