"""How what is broken is put right, as tables."""
