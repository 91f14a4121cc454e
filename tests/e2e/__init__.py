"""Several parts of nstui together, and with other programs."""
