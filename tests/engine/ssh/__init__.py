"""Engines behind a real ssh server."""
