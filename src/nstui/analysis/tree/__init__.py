"""The rows of the tree, their order, and the members and namespaces they show."""
