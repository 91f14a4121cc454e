"""Table tests of healing."""
