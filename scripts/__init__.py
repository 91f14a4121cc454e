"""Programs for the developers of nstui."""
