"""The page "Find the unit": rank units by a property, switch them off, and see where they act.

parameters → given → models → reading → file_readings → readings → properties → ranking → switching
· stretch → matches → views
"""
