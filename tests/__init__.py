"""The tests of nstui."""
