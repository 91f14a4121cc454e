"""The tests of what is read of the inside of a network namespace."""
