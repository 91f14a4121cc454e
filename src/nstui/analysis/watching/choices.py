"""What labels and the configuration say about watching one container.

What a value says of a container itself comes before what one says of its owner. Of the
two about the same container, that of the configuration comes first: it belongs to the
host, and the label to whoever wrote the compose file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.graph.graph import all_hops
from nstui.analysis.watching.decisions import WatchChoice
from nstui.analysis.watching.durations import parse_duration
from nstui.model.watch import WatchMode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.analysis.graph.graph import Graph
    from nstui.analysis.watching.decisions import WatchOptions
    from nstui.model.container import Container, ContainerId


_PREFIX = "nstui."
WATCH = "watch"
SETTLE = "settle"
STOP_TIMEOUT = "stop-timeout"
NAMES = (WATCH, SETTLE, STOP_TIMEOUT)
"""What may be said of a container, in the configuration or, with ``nstui.`` in front,
as a label."""

AUTOHEAL_LABEL = "autoheal"
"""The label of docker-autoheal: a container with ``autoheal=true`` is restarted when
its health check fails."""

_AUTOHEAL_TIMEOUT = "autoheal.stop.timeout"
_YES = frozenset({"true", "1", "yes"})
_NO = frozenset({"", "false", "0", "no"})


def parse_choice(
    values: Mapping[str, str], mode_key: str = WATCH
) -> tuple[WatchChoice, tuple[str, ...]]:
    """Return what some values say, and a sentence for each that makes no sense.

    Such a value counts as if it were not there.

    Args:
        values: The values by `NAMES`; other names are no business of this function.
        mode_key: What the first of these is called there.

    """
    problems = []
    mode = settle = timeout = None
    word = values.get(mode_key)
    if word is not None and word.strip() in set(WatchMode):
        mode = WatchMode(word.strip())
    elif word is not None:
        problems.append(f"{mode_key} {word!r} is not one of {', '.join(WatchMode)}")
    try:
        settle = _duration(values.get(SETTLE))
    except ValueError as problem:
        problems.append(f"{SETTLE} {problem}")
    try:
        timeout = _duration(values.get(STOP_TIMEOUT))
    except ValueError as problem:
        problems.append(f"{STOP_TIMEOUT} {problem}")
    # The engine counts whole seconds: a wait must not become shorter than was asked.
    stop_timeout_s = None if timeout is None else -int(-timeout // 1)
    choice = WatchChoice(mode=mode, settle_s=settle, stop_timeout_s=stop_timeout_s)
    return choice, tuple(problems)


def _duration(text: str | None) -> float | None:
    return None if text is None else parse_duration(text)


def watch_choice(container: Container) -> WatchChoice:
    """Return what a container's own labels say; those of its image do not count."""
    choice, _ = parse_choice(_label_values(container))
    return choice


def _label_values(container: Container) -> dict[str, str]:
    own = dict(container.steering)
    values = {name: own[_PREFIX + name] for name in NAMES if _PREFIX + name in own}
    timeout = own.get(_AUTOHEAL_TIMEOUT, "")
    if _is_count(timeout) and wants_restart(container):
        values.setdefault(STOP_TIMEOUT, timeout)
    return values


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def wants_restart(container: Container) -> bool:
    """Tell whether a container's own label wants it restarted when it is unhealthy."""
    return dict(container.steering).get(AUTOHEAL_LABEL, "").strip().lower() in _YES


def watch_label_problems(containers: Iterable[Container]) -> Iterator[str]:
    """Yield a sentence for every label of a container that makes no sense."""
    for container in containers:
        own = dict(container.steering)
        found = [
            _PREFIX + problem for problem in parse_choice(_label_values(container))[1]
        ]
        said = own.get(AUTOHEAL_LABEL, "")
        if said.strip().lower() not in _YES | _NO:
            found.append(f"{AUTOHEAL_LABEL} {said!r} is not true or false")
        timeout = own.get(_AUTOHEAL_TIMEOUT, "0")
        if not _is_count(timeout):
            found.append(f"{_AUTOHEAL_TIMEOUT} {timeout!r} is no number of seconds")
        for problem in found:
            yield f"{container.name}: the label {problem}; it does not count"


def mode_of(options: WatchOptions, graph: Graph, container: ContainerId) -> WatchMode:
    """Return what the watch may do for a container."""
    modes = (choice.mode for choice in _choices(options, graph, container))
    return next((mode for mode in modes if mode is not None), options.mode)


def settle_of(options: WatchOptions, graph: Graph, container: ContainerId) -> float:
    """Return how many seconds a container's owner must have run."""
    times = (choice.settle_s for choice in _choices(options, graph, container))
    return next((s for s in times if s is not None), options.limits.settle_s)


def stop_timeout_of(
    options: WatchOptions, graph: Graph, containers: Iterable[ContainerId]
) -> int | None:
    """Return how many seconds containers get to stop; None for the engine's choice.

    One request has one such time: the longest that is asked for.
    """
    found = []
    for container in containers:
        times = (c.stop_timeout_s for c in _choices(options, graph, container))
        found.append(next((s for s in times if s is not None), None))
    return max((s for s in found if s is not None), default=None)


def is_selected(options: WatchOptions, graph: Graph, container: ContainerId) -> bool:
    """Tell whether ``--only`` names a container or its owner, or is not given."""
    if not options.only:
        return True
    return any(
        _matches(graph.containers[hop], wanted)
        for hop in all_hops(graph, container)
        for wanted in options.only
    )


def _matches(container: Container, wanted: str) -> bool:
    key, is_pair, value = wanted.partition("=")
    labels = dict(container.labels)
    is_labelled = labels.get(key) == value if is_pair else key in labels
    return container.name == wanted or is_labelled


def _choices(
    options: WatchOptions, graph: Graph, container: ContainerId
) -> Iterator[WatchChoice]:
    """Yield what is said of a container, then of what it joined, the first to win."""
    for hop in all_hops(graph, container):
        subject = graph.containers[hop]
        if subject.name in options.by_name:
            yield options.by_name[subject.name]
        yield watch_choice(subject)
