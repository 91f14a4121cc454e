"""Tests of the parts by themselves."""
