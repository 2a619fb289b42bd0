"""The page "Find the unit": rank units by a property, switch them off, and see where they are on.

parameters → models → readings → properties → ranking → switching · matches → views
"""
