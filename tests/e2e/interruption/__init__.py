"""Plans that fail or are cut off anywhere, on a simulated engine and on a real one."""
