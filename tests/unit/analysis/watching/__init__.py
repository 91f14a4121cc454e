"""Tests of `nstui.analysis.watching`."""
