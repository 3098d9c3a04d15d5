"""Counting: dataset → estimates → subscores → index → report. No Flask, no SQL, no clock, no network."""

import os

# Sums must not depend on how many cores a machine has: one BLAS thread a pass. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
