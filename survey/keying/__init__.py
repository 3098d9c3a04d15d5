"""Answers that came on paper: counted in, keyed by people of no rated office, checked by a second keying."""
