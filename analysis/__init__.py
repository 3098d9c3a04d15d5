"""Counting: dataset → estimates → subscores → index → report. No Flask, no SQL, no clock, no network."""
