"""Tests of what a user reads."""
