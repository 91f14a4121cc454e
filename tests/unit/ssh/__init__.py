"""Tests of what goes through ssh, with a program in its place."""
