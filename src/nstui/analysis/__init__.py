"""Pure functions that derive findings, plans and trees from a snapshot."""
