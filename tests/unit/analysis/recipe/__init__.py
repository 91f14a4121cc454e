"""Tests of `nstui.analysis.recipe`."""
