"""The Engine API, through the docker SDK."""
