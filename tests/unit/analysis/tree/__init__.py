"""Tests of `nstui.analysis.tree`."""
