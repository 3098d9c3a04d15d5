"""Benchmarks: each pairs the product's work with a bare minimum of the same work, in one run (``make bench``)."""
