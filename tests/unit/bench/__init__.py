"""The benchmark: that it works, not what it measures."""
