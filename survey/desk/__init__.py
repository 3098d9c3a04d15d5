"""What staff see: one view module an area, one table of who may do what, one look."""
