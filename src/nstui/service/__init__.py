"""Looks at a host, makes plans, and carries them out."""
