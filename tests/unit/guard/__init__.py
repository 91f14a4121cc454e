"""Tests of the guard's front."""
