"""What the simulated host and a real one must both do."""
