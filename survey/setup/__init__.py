"""A wave being prepared at the desk: its file written step by step, checked, registered until lists are fixed."""
