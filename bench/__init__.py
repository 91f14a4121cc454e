"""Measures nstui and similar programs on a private engine: ``make bench``."""
