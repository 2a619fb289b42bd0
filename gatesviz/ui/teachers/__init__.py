"""The page for teachers: the lessons, typical mistakes, class sizes, and a page to print."""
