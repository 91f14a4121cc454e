"""Tests of the audit log, and of the double that stands for it."""
