"""Appraised points in the offices' own layout: criteria as rows, whatever the columns are called.

words: what a heading means → headings: where they stand → criteria: which row is which → whose: of which unit →
reader.
"""
