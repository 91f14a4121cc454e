"""Which broken containers are started, restarted or recreated, and how."""
