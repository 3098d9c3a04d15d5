"""The demonstration: a simulated province walks the whole path."""
