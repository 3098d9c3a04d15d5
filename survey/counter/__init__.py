"""The counter draw: dossiers selected at the counter by a draw that the office cannot touch."""
