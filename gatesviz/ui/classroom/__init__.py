"""Work as a class: one room, one board, on every page.

membership (is this browser in a room?) → reports, stage (what pages tell the room)
board, pace (what pages get) → live (WebSocket) → frame (the line above every page)
addresses (where students find the server) → page (the page *Class*)
"""
