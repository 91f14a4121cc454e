"""Tests of what reads the docker command."""
