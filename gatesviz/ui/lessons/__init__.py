"""Lessons on the real pages: a panel next to the page, which is in a prepared state.

lesson (core) → views (is the state one that the page has?) → panel
"""
