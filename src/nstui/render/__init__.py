"""Snapshots, findings and plans as text and as JSON."""
