"""Tests of `nstui.analysis.findings`."""
