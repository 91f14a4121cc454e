"""Tests of what a standing watch decides."""
