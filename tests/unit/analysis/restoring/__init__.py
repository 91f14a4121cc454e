"""How a removed container is brought back."""
