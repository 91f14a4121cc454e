"""The guard: what the engine asks before it ends a container, and its installation."""
