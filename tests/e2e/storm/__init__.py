"""A simulated host through a long storm of events, and healed after it."""
