"""Answers that were collected elsewhere (Google Forms, LimeSurvey, Kobo, a table) as a dataset to be counted here."""
