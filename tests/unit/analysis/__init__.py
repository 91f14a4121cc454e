"""Table tests of the pure functions."""
