"""What the user prefers: what a configuration says, and which source wins."""
