"""Who shares a namespace with whom."""
