"""Tests of `nstui.analysis.graph`."""
