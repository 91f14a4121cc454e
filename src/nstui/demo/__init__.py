"""A simulated engine and host, for the demo and for fast tests.

`World` is the state and everything that can be done to it; `SimEngine` and `SimHost`
show it through the ports. It behaves as real engines were observed to behave: the
contract tests run against both.
"""
