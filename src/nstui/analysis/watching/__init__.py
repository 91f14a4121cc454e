"""When a standing watch heals what is broken, and when it leaves that alone."""
