"""A frozen dataset for other tools: CSV, XLSX, Parquet, SPSS and Stata, with labels, weights and the design.

These are rows of respondents, for the analysts of the wave. They are never published: open data are suppressed tables.
"""
