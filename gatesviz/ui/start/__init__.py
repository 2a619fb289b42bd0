"""The first page: an opening, the lessons and the pages."""
