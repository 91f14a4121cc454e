"""What the guard decides, and what its installation does."""
