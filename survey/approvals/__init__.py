"""A second person: what an organiser that is itself rated does to invitations about itself waits for somebody else."""
