"""The Engine API: reads over its socket, changes through the docker SDK."""
