"""A real Prometheus with the rules and the dashboard of ``deploy/``."""
