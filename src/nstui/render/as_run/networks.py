"""Where a container is on the network, and what it has there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.recipe.networks import BRIDGE, DEFAULT_MODES
from nstui.model.container import Fields
from nstui.model.namespace import NamespaceKind
from nstui.render.as_run.options import comma_separated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.model.healing import Attachment, Recipe


_NOT_USER_DEFINED = {*DEFAULT_MODES, "host", "none"}
_PRIORITY = "GwPriority"


def joins_network(recipe: Recipe) -> bool:
    """Tell whether the network is another container's, which forbids much."""
    return NamespaceKind.NET in recipe.joins


def network_words(recipe: Recipe) -> Iterator[str]:
    """Yield the options for the networks that can be said when it is made."""
    mode, first = _mode(recipe), recipe.mode_network
    links = _declared_links(recipe)
    if first is None:
        if mode not in DEFAULT_MODES:
            yield from ("--network", mode)
        if mac := Fields(recipe.config).text("MacAddress"):
            yield from ("--mac-address", mac)
        yield from _links(links)
        return
    yield from _first_network(first)
    yield from _address_words(first)
    yield from _alias_words(first, "--network-alias", links)
    mac = Fields(recipe.config).text("MacAddress") or Fields(first.asked).text(
        "MacAddress"
    )
    if mac:
        yield from ("--mac-address", mac)
    yield from _links(links)
    for attachment in recipe.further_networks:
        if _fits_beside(recipe, attachment):
            yield from ("--network", _long_form(attachment))


def connections(recipe: Recipe) -> Iterator[tuple[str, ...]]:
    """Yield the words after ``docker network connect`` for the networks left over."""
    for attachment in left_over(recipe):
        yield tuple(_connect_words(recipe, attachment))


def left_over(recipe: Recipe) -> tuple[Attachment, ...]:
    """Return the networks that cannot be said when it is made."""
    return tuple(
        attachment
        for attachment in recipe.further_networks
        if not _fits_beside(recipe, attachment)
    )


def left_network(recipe: Recipe) -> str:
    """Return the network of the mode if the container has left it for others.

    One that is on no network at all may have lost them when a start failed.
    """
    has_left = recipe.mode_network is None and bool(recipe.further_networks)
    return _mode(recipe) if has_left else ""


def port_words(recipe: Recipe) -> Iterator[str]:
    """Yield the options for published and exposed ports."""
    host = Fields(recipe.host)
    bindings = host.inner("PortBindings")
    published = set()
    for port in bindings.raw:
        for binding in bindings.each(port):
            published.add(port)
            yield from ("-p", _published(port, binding))
    if host.flag("PublishAllPorts"):
        yield "-P"
    for port in Fields(recipe.config).keys("ExposedPorts"):
        if port not in published:
            yield from ("--expose", port.removesuffix("/tcp"))


def name_words(recipe: Recipe) -> Iterator[str]:
    """Yield the options for its own name on the network, and for those it knows."""
    config, host = Fields(recipe.config), Fields(recipe.host)
    hostname = config.text("Hostname")
    if hostname:
        yield from ("--hostname", hostname)
    if domain := config.text("Domainname"):
        yield from ("--domainname", domain)
    for server in host.texts("Dns"):
        yield from ("--dns", server)
    for line in host.texts("ExtraHosts"):
        yield from ("--add-host", line)


def _mode(recipe: Recipe) -> str:
    return Fields(recipe.host).text("NetworkMode")


def _declared_links(recipe: Recipe) -> tuple[str, ...]:
    return Fields(recipe.host).texts("Links")


def _links(links: Iterable[str]) -> Iterator[str]:
    for link in links:
        yield from ("--link", link)


def _first_network(attachment: Attachment) -> Iterator[str]:
    """Say a network in words that every client knows, if there are such."""
    more = [*_driver_parts(attachment)]
    if more:
        name = f"name={attachment.network}"
        yield from ("--network", comma_separated((name, *more)))
    elif attachment.network != BRIDGE:
        yield from ("--network", attachment.network)


def _driver_parts(attachment: Attachment) -> Iterator[str]:
    asked = Fields(attachment.asked)
    for key, value in asked.pairs("DriverOpts"):
        yield f"driver-opt={key}={value}"
    if priority := asked.number(_PRIORITY):
        yield f"gw-priority={priority}"


def _addresses(attachment: Attachment) -> Iterator[tuple[str, str]]:
    """Yield the addresses that were asked for, each with the word for its kind."""
    addresses = Fields(attachment.asked).inner("IPAMConfig")
    if ip := addresses.text("IPv4Address"):
        yield "ip", ip
    if ip6 := addresses.text("IPv6Address"):
        yield "ip6", ip6
    for address in addresses.texts("LinkLocalIPs"):
        yield "link-local-ip", address


def _address_words(attachment: Attachment) -> Iterator[str]:
    for word, address in _addresses(attachment):
        yield from (f"--{word}", address)


def _alias_words(
    attachment: Attachment, option: str, declared: tuple[str, ...]
) -> Iterator[str]:
    asked = Fields(attachment.asked)
    for alias in asked.texts("Aliases"):
        yield from (option, alias)
    yield from _links(link for link in asked.texts("Links") if link not in declared)


def _long_form(attachment: Attachment) -> str:
    """Return a network and what a container has there as one value."""
    asked = Fields(attachment.asked)
    parts = [f"alias={alias}" for alias in asked.texts("Aliases")]
    parts += [f"{word}={address}" for word, address in _addresses(attachment)]
    if mac := asked.text("MacAddress"):
        parts.append(f"mac-address={mac}")
    parts += _driver_parts(attachment)
    if not parts:
        return attachment.network
    return comma_separated((f"name={attachment.network}", *parts))


def _connect_words(recipe: Recipe, attachment: Attachment) -> Iterator[str]:
    asked = Fields(attachment.asked)
    yield from _address_words(attachment)
    yield from _alias_words(attachment, "--alias", _declared_links(recipe))
    for key, value in asked.pairs("DriverOpts"):
        yield from ("--driver-opt", f"{key}={value}")
    if priority := asked.number(_PRIORITY):
        yield from ("--gw-priority", str(priority))
    yield attachment.network


def _fits_beside(recipe: Recipe, attachment: Attachment) -> bool:
    """Tell whether a container can be made on this network too.

    The client mixes no network of the engine's own with others, has no links for
    further ones, and turns the names of further ones into lower case.
    """
    first, links = recipe.mode_network, Fields(attachment.asked).texts("Links")
    if first is None or not attachment.allows_several:
        return False
    if set(links) - set(_declared_links(recipe)):
        return False
    if {first.network, attachment.network} & _NOT_USER_DEFINED:
        return False
    long_form = _long_form(attachment)
    return long_form == attachment.network or long_form == long_form.lower()


def _published(port: str, binding: Fields) -> str:
    inside = port.removesuffix("/tcp")
    address, outside = binding.text("HostIp"), binding.text("HostPort")
    if ":" in address:
        address = f"[{address}]"
    if address:
        return f"{address}:{outside}:{inside}"
    return f"{outside}:{inside}" if outside else inside
