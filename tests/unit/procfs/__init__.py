"""Tests of what the kernel says in ``/proc``."""
