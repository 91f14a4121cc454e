"""Measures what nstui costs, beside others, on a private engine: ``make bench``."""
