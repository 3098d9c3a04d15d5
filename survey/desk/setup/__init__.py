"""From nothing to an open wave, step by step; each step repeatable until the lists are fixed."""
