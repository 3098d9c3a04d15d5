"""Fieldwork: how many are to come back by when, how many have, who has not finished, what the file keeps of it."""
