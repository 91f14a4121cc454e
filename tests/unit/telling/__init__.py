"""Tests of what tells people and machines what a watch does."""
