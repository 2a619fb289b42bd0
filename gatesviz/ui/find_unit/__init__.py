"""The page "Find the unit": rank units by a property, switch them off, and see where they act.

parameters → given_table → given → models → amounts → reading → file_scores → number_readings ·
text_readings → file_readings → readings → properties → ranking → switching · stretch → matches →
views
"""
