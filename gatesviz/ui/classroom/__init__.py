"""Work as a class: one room, one board, on every page.

membership (is this browser in a room?) → reports (what pages tell the room) → live (WebSocket)
→ frame (the line above every page) · teacher, student (the page *Class*)
"""
