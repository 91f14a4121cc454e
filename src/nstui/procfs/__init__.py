"""What the kernel says in /proc."""
