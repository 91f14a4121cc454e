"""The tests of the store, and of the double that stands for it."""
