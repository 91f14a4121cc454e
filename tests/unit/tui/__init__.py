"""Tests of the text UI."""
