"""The docker command: the words that it is given, and its configuration."""
