"""What holds for every plan on every host that the simulation can be brought to."""
