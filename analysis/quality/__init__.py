"""Signs that answers were not given one by one, by people who read the questions: looked for, never deleted.

What is flagged stays in every estimate; results are shown with and without it.
"""
