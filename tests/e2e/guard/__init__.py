"""The guard as a whole: an engine that asks it, and the commands that clients type."""
