"""What the guard of an engine decides about each call to it."""
