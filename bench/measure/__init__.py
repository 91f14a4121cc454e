"""One module for each thing that is measured, and what they measure with."""
