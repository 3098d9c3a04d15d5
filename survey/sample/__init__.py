"""The sample: from a person-free list and a public number to invitations' cells, repeatable by anyone."""
