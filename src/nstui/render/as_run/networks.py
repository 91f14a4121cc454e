"""Where a container is on the network, and what it has there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.model.container import JOIN_PREFIX, SHORT_ID_LENGTH
from nstui.render.as_run.options import comma_separated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.render.as_run.fields import Fields

_DEFAULT_MODES = {"", "default", "bridge"}
_BRIDGE = "bridge"
_NOT_USER_DEFINED = {*_DEFAULT_MODES, "host", "none"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What a container has on one network, as far as somebody asked for it."""

    network: str
    aliases: tuple[str, ...]
    ip: str
    ip6: str
    link_local: tuple[str, ...]
    mac: str
    links: tuple[str, ...]
    driver_options: tuple[tuple[str, str], ...]
    gateway_priority: int
    allows_several: bool
    """Whether the engine lets a container be made on several networks at once."""


def joins_container(inspect: Fields) -> bool:
    """Tell whether the network is another container's, which forbids much."""
    return _mode(inspect).startswith(JOIN_PREFIX)


def uses_host(inspect: Fields) -> bool:
    """Tell whether the network is the host's."""
    return _mode(inspect) == "host"


def network_words(inspect: Fields) -> Iterator[str]:
    """Yield the options for the networks that can be said when it is made."""
    mode = _mode(inspect)
    first, further = _endpoints(inspect)
    if first is None:
        if mode not in _DEFAULT_MODES:
            yield from ("--network", mode)
        if not _is_without_own(mode):
            yield from _links(inspect.inner("HostConfig").texts("Links"))
        return
    yield from _first_network(first)
    yield from _address_words(first)
    yield from _alias_words(first, "--network-alias")
    mac = inspect.inner("Config").text("MacAddress") or first.mac
    if mac:
        yield from ("--mac-address", mac)
    yield from _links(inspect.inner("HostConfig").texts("Links"))
    for endpoint in further:
        if _fits_beside(first, endpoint):
            yield from ("--network", _long_form(endpoint))


def connections(inspect: Fields) -> Iterator[tuple[str, ...]]:
    """Yield the words after ``docker network connect`` for the networks left over."""
    first, further = _endpoints(inspect)
    for endpoint in further:
        if first is None or not _fits_beside(first, endpoint):
            yield tuple(_connect_words(endpoint))


def port_words(inspect: Fields) -> Iterator[str]:
    """Yield the options for published and exposed ports."""
    host = inspect.inner("HostConfig")
    bindings = host.inner("PortBindings")
    published = set()
    for port in bindings.raw:
        for binding in bindings.each(port):
            published.add(port)
            yield from ("-p", _published(port, binding))
    if host.flag("PublishAllPorts"):
        yield "-P"
    for port in inspect.inner("Config").keys("ExposedPorts"):
        if port not in published:
            yield from ("--expose", port.removesuffix("/tcp"))


def name_words(inspect: Fields) -> Iterator[str]:
    """Yield the options for its own name on the network, and for those it knows."""
    config, host = inspect.inner("Config"), inspect.inner("HostConfig")
    hostname = config.text("Hostname")
    is_given = hostname not in {"", inspect.text("Id")[:SHORT_ID_LENGTH]}
    if is_given and not uses_host(inspect) and host.text("UTSMode") != "host":
        yield from ("--hostname", hostname)
    if domain := config.text("Domainname"):
        yield from ("--domainname", domain)
    for server in host.texts("Dns"):
        yield from ("--dns", server)
    for line in host.texts("ExtraHosts"):
        yield from ("--add-host", line)


def _mode(inspect: Fields) -> str:
    return inspect.inner("HostConfig").text("NetworkMode")


def _is_without_own(mode: str) -> bool:
    """Tell whether a mode leaves a container without networks of its own."""
    return mode.startswith(JOIN_PREFIX) or mode in {"host", "none"}


def _endpoints(inspect: Fields) -> tuple[Endpoint | None, tuple[Endpoint, ...]]:
    """Return the endpoint that the mode means, and all others."""
    mode = _mode(inspect)
    if _is_without_own(mode):
        return None, ()
    networks = inspect.inner("NetworkSettings").inner("Networks")
    found = {name: networks.inner(name) for name in networks.raw}
    first = _named_by(mode, found)
    endpoints = {name: _endpoint(inspect, name, one) for name, one in found.items()}
    if first is None:
        return None, tuple(endpoints.values())
    return endpoints.pop(first), tuple(endpoints.values())


def _named_by(mode: str, networks: dict[str, Fields]) -> str | None:
    """Return the name of the network that a mode means: itself, an id, the default."""
    wanted = _BRIDGE if mode in _DEFAULT_MODES else mode
    for name, endpoint in networks.items():
        if wanted == name or endpoint.text("NetworkID").startswith(wanted):
            return name
    # Podman says "bridge" whatever the network is called.
    return next(iter(networks), None) if wanted == _BRIDGE else None


def _endpoint(inspect: Fields, name: str, found: Fields) -> Endpoint:
    own, state = inspect.text("Id")[:SHORT_ID_LENGTH], inspect.inner("State")
    addresses = found.inner("IPAMConfig")
    links = set(_declared_links(inspect))
    return Endpoint(
        network=name,
        # Engines before 26 list the short id among them.
        aliases=tuple(alias for alias in found.texts("Aliases") if alias != own),
        ip=addresses.text("IPv4Address"),
        ip6=addresses.text("IPv6Address"),
        link_local=addresses.texts("LinkLocalIPs"),
        # While it runs there is one in any case, mostly the engine's own choice.
        mac="" if state.flag("Running") else found.text("MacAddress"),
        links=tuple(link for link in found.texts("Links") if link not in links),
        driver_options=found.pairs("DriverOpts"),
        gateway_priority=found.number("GwPriority") or 0,
        # Came with API 1.44, and so did several networks at once.
        allows_several=found.has("DNSNames"),
    )


def _declared_links(inspect: Fields) -> Iterator[str]:
    return map(_link, inspect.inner("HostConfig").texts("Links"))


def _link(link: str) -> str:
    """Return ``/target:/name/alias``, as the engine writes it, as ``target:alias``."""
    target, _, alias = link.partition(":")
    return f"{target.removeprefix('/')}:{alias.rpartition('/')[2]}"


def _links(links: Iterable[str]) -> Iterator[str]:
    for link in links:
        yield from ("--link", _link(link))


def _first_network(endpoint: Endpoint) -> Iterator[str]:
    """Say a network in words that every client knows, if there are such."""
    more = [f"driver-opt={key}={value}" for key, value in endpoint.driver_options]
    if endpoint.gateway_priority:
        more.append(f"gw-priority={endpoint.gateway_priority}")
    if more:
        yield from ("--network", comma_separated((f"name={endpoint.network}", *more)))
    elif endpoint.network != _BRIDGE:
        yield from ("--network", endpoint.network)


def _address_words(endpoint: Endpoint) -> Iterator[str]:
    if endpoint.ip:
        yield from ("--ip", endpoint.ip)
    if endpoint.ip6:
        yield from ("--ip6", endpoint.ip6)
    for address in endpoint.link_local:
        yield from ("--link-local-ip", address)


def _alias_words(endpoint: Endpoint, option: str) -> Iterator[str]:
    for alias in endpoint.aliases:
        yield from (option, alias)
    yield from _links(endpoint.links)


def _fits_beside(first: Endpoint, endpoint: Endpoint) -> bool:
    """Tell whether a container can be made on this network too.

    The client mixes no network of the engine's own with others, has no links for
    further ones, and turns the names of further ones into lower case.
    """
    if not endpoint.allows_several or endpoint.links:
        return False
    if {first.network, endpoint.network} & _NOT_USER_DEFINED:
        return False
    long_form = _long_form(endpoint)
    return long_form == endpoint.network or long_form == long_form.lower()


def _long_form(endpoint: Endpoint) -> str:
    """Return a network and what a container has there as one value."""
    parts = [f"alias={alias}" for alias in endpoint.aliases]
    if endpoint.ip:
        parts.append(f"ip={endpoint.ip}")
    if endpoint.ip6:
        parts.append(f"ip6={endpoint.ip6}")
    parts += [f"link-local-ip={address}" for address in endpoint.link_local]
    if endpoint.mac:
        parts.append(f"mac-address={endpoint.mac}")
    parts += [f"driver-opt={key}={value}" for key, value in endpoint.driver_options]
    if endpoint.gateway_priority:
        parts.append(f"gw-priority={endpoint.gateway_priority}")
    if not parts:
        return endpoint.network
    return comma_separated((f"name={endpoint.network}", *parts))


def _connect_words(endpoint: Endpoint) -> Iterator[str]:
    yield from _address_words(endpoint)
    yield from _alias_words(endpoint, "--alias")
    for key, value in endpoint.driver_options:
        yield from ("--driver-opt", f"{key}={value}")
    if endpoint.gateway_priority:
        yield from ("--gw-priority", str(endpoint.gateway_priority))
    yield endpoint.network


def _published(port: str, binding: Fields) -> str:
    inside = port.removesuffix("/tcp")
    address, outside = binding.text("HostIp"), binding.text("HostPort")
    if ":" in address:
        address = f"[{address}]"
    if address:
        return f"{address}:{outside}:{inside}"
    return f"{outside}:{inside}" if outside else inside
