"""Tests of `nstui.analysis.preferences`."""
