"""nstui: see which containers share a namespace, and what an action would break."""
