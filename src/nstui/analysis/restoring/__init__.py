"""How a removed container is brought back from its kept inspect."""
