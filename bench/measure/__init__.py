"""One module for each measurement, and their common tools."""
