"""A simulated engine and host: what the demo shows and what fast tests use.

`World` is the state and everything that can be done to it; `SimEngine` and `SimHost`
show it through the ports. It obeys what was observed on real engines: the contract
suite runs the same tests against it and against one.
"""
