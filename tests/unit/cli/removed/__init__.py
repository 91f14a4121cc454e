"""The tests of ``nstui removed``."""
