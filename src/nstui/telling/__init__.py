"""Tells people and machines what a standing watch does."""
