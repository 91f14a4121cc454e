"""The tests of what containers and their processes use, and of who is in a network."""
