"""Reads what the kernel shows in ``/proc``."""
