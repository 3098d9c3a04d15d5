"""What a wave file says: read key by key, every fault with its line, kept as frozen dataclasses."""
