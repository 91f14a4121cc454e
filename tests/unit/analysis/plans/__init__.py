"""Tests of `nstui.analysis.plans`."""
