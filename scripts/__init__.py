"""Programs for those who work on nstui."""
