"""Tests of the simulated engine and host."""
