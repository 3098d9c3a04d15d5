"""The frame: lists of dossiers and of posts, imported whole or not at all."""
