"""Which containers share namespaces."""
