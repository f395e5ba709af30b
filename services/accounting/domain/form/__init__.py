"""A report as a form that people fill in: its columns, its cells, what is wrong in which."""
