"""What a standing watch decides."""
