"""Backups of an instance: made while it serves, tried at once, put back only where that loses nothing unsaid."""
