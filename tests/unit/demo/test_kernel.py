"""Tests of the simulated kernel."""

from __future__ import annotations

from nstui.demo.kernel import Kernel
from nstui.model.namespace import NamespaceKind

NET = NamespaceKind.NET


def test_a_number_comes_back_with_the_last_that_leaves() -> None:
    kernel = Kernel()
    first, second = kernel.unshare(NET), kernel.unshare(NET)
    for namespace in (first, first, second):
        kernel.enter(namespace)
    kernel.leave(first)
    assert kernel.unshare(NET).inode not in {first.inode, second.inode}
    kernel.leave(first)
    assert kernel.unshare(NamespaceKind.PID).inode == first.inode


def test_the_lowest_free_number_comes_first() -> None:
    kernel = Kernel()
    namespaces = [kernel.unshare(NET) for _ in range(3)]
    for namespace in namespaces:
        kernel.enter(namespace)
    for namespace in reversed(namespaces):
        kernel.leave(namespace)
    again = [kernel.unshare(NET).inode for _ in range(3)]
    assert again == [namespace.inode for namespace in namespaces]


def test_the_hosts_namespace_stays() -> None:
    kernel = Kernel()
    namespace = kernel.host(NET)
    kernel.enter(namespace)
    kernel.leave(namespace)
    assert kernel.unshare(NET).inode != namespace.inode
    assert kernel.host(NET) is namespace


def test_no_pid_is_given_twice() -> None:
    kernel = Kernel()
    assert len({kernel.new_pid() for _ in range(100)}) == 100
