"""Who lives in a namespace: processes and mounts, made up and real."""
