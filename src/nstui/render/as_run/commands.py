"""The commands that create an equal container, and what they cannot express."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.recipe import (
    declare_volumes,
    move_sysctls,
    read_recipe,
    replace_joins,
)
from nstui.analysis.recipe.networks import DEFAULT_MODES
from nstui.analysis.recipe.reading import HIDDEN_PLATFORM
from nstui.model.json import inner, objects, text, texts
from nstui.model.namespace import NamespaceKind
from nstui.render.as_run import options
from nstui.render.as_run.settings import as_value, as_words, read_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.model.healing import Attachment, Recipe
    from nstui.render.as_run.settings import Json, Setting, Table

_NOTHING: Json = {}
_CLIENT_PREFIX = "DOCKER_"
"""The prefix of the variables that tell the client which engine to use, and how."""

_NOT_USER_DEFINED = {*DEFAULT_MODES, "host", "none"}
_CREATED = ("bind-create-src", None)
_READ_ONLY = ("readonly", None)

_CONFIG_FIELDS = {
    *(*options.TERMINAL, *options.NAMES, *options.CONFIG),
    *("Cmd", "Entrypoint", "ExposedPorts", "Image", "MacAddress", "Volumes"),
    # The client sets these, depending on whether it waits for the container.
    *("AttachStderr", "AttachStdin", "AttachStdout", "StdinOnce"),
    # These come from the image and only matter to a build on top of it.
    *("ArgsEscaped", "OnBuild", "Shell"),
}
"""The fields of ``Config`` that the commands express or need not express."""

_HOST_FIELDS = {
    *(*options.LIFECYCLE, *options.NETWORKING, *options.VOLUMES, *options.HOST),
    *("Binds", "Links", "Mounts", "NetworkMode"),
    # This is the size of the terminal from which the container was created.
    "ConsoleSize",
    # Every container has some: see `_DEFAULT_PATHS`.
    *("MaskedPaths", "ReadonlyPaths"),
}
"""The fields of ``HostConfig`` that the commands express or need not express."""

_DEFAULT_PATHS = {"MaskedPaths": "/proc/asound", "ReadonlyPaths": "/proc/bus"}
"""A path that every engine has in its default list of each field. The only option about
these lists is one that empties them."""


def recreate_commands(inspect: Json) -> tuple[tuple[str, ...], ...]:
    """Return the commands that create an equal container, each as words.

    Usually this is a single command: ``docker run -d``, or ``docker create`` for a
    container that never ran. If the container has networks that cannot be set at its
    creation, or has left one, it is created, connected, disconnected, and started if
    it ever was.

    Settings that equal the engine's defaults are left out, and so are those that the
    container network mode forbids. Settings from the image are included, since an
    inspect does not distinguish them.

    Args:
        inspect: The engine's whole answer to an inspect.

    """
    recipe = _printable(read_recipe(inspect))
    later = [_connect(recipe, one) for one in _left_over(recipe)]
    # A container without any network may have lost them in a failed start.
    if recipe.left_network and recipe.further_networks:
        left = _operands(recipe.left_network, recipe.name)
        later.append(("docker", "network", "disconnect", *left))
    if not later:
        return (_make(recipe, starts=recipe.has_run),)
    start = (("docker", "start", *_operands(recipe.name)),) if recipe.has_run else ()
    return (_make(recipe, starts=False), *later, *start)


def _printable(recipe: Recipe) -> Recipe:
    """Return the recipe without refused fields, and with misplaced ones moved."""
    recipe = replace_joins(recipe, recipe.joins)
    first = recipe.mode_network
    if first is None or not first.takes_sysctls:
        return recipe
    host, asked = move_sysctls(recipe.host, first.asked)
    return replace(recipe, host=host, mode_network=replace(first, asked=asked))


def _make(recipe: Recipe, *, starts: bool) -> tuple[str, ...]:
    """Return the command that creates the container, with the networks it can set."""
    config, host = recipe.config, recipe.host
    program, *arguments = texts(config, "Entrypoint") or ("",)
    joins_network = NamespaceKind.NET in recipe.joins
    return (
        *_without_variables(config),
        *(("docker", "run", "-d") if starts else ("docker", "create")),
        *(("--name", recipe.name) if recipe.name else ()),
        *(() if starts or recipe.has_run else _attach_words(config)),
        *_options(config, options.TERMINAL),
        *_options(host, options.LIFECYCLE),
        *_network_words(recipe),
        *(() if joins_network else _options(config, options.NAMES)),
        *_options(host, options.NETWORKING),
        *_exposed_ports(recipe),
        *_mount_words(recipe),
        *_options(config, options.CONFIG),
        *_options(host, options.HOST),
        *(("--platform", recipe.platform) if recipe.platform else ()),
        # Always given, so that the image's entrypoint is never used: an inspect does
        # not tell whether the image has one that this container overrides.
        *("--entrypoint", program),
        *_operands(recipe.image or recipe.image_id),
        *arguments,
        *texts(config, "Cmd"),
    )


def _without_variables(config: Json) -> Iterator[str]:
    """Yield the words that run the client without the variables that have only a name.

    The container has no variable of such a name, even if its image does. The client
    would pass the value of its own variable of that name.
    """
    names = [entry for entry in texts(config, "Env") if entry and "=" not in entry]
    unset = [name for name in names if not name.startswith(_CLIENT_PREFIX)]
    if unset:
        yield "env"
    for name in unset:
        yield from ("-u", name)


def _attach_words(config: Json) -> Iterator[str]:
    """Yield the streams that ``docker create`` attaches, unless they are the default.

    ``docker run -d`` attaches none, and accepts no option about it.
    """
    streams = ("Stdin", "Stdout", "Stderr")
    attached = [name.lower() for name in streams if config.get(f"Attach{name}") is True]
    if not {"stdout", "stderr"} <= set(attached):
        yield from as_words(("-a", name) for name in attached)


def _options(fields: Json, table: Table) -> Iterator[str]:
    return as_words(read_fields(fields, table))


def _operands(*words: str) -> tuple[str, ...]:
    """Return words so that none is taken for an option, whatever it begins with."""
    is_odd = any(word.startswith("-") for word in words)
    return ("--", *words) if is_odd else words


def _exposed_ports(recipe: Recipe) -> Iterator[str]:
    """Yield the options for the exposed ports that are not published."""
    bindings = inner(recipe.host, "PortBindings")
    for port in inner(recipe.config, "ExposedPorts"):
        if not any(objects(bindings, port)):
            yield from ("--expose", port.removesuffix("/tcp"))


def _network_words(recipe: Recipe) -> Iterator[str]:
    """Yield the options for the networks that can be set at the creation."""
    first, name, asked = recipe.mode_network, recipe.network_mode, _NOTHING
    if first is not None:
        name, asked = first.network, _asked(recipe, first)
    # The short form is preferred, since every client knows it.
    if more := _driver_settings(asked):
        yield from ("--network", as_value([("name", name), *more]))
    elif name not in DEFAULT_MODES:
        yield from ("--network", name)
    yield from _network_options(asked, "IPAMConfig")
    for alias in texts(asked, "Aliases"):
        yield from ("--network-alias", alias)
    yield from _network_options(asked, "Links")
    mac = text(recipe.config, "MacAddress") or text(asked, "MacAddress")
    yield from ("--mac-address", mac) if mac else ()
    yield from _network_options(recipe.host, "Links")
    for attachment in recipe.further_networks:
        if _fits_beside(recipe, attachment):
            yield from ("--network", _long_form(recipe, attachment))


def _connect(recipe: Recipe, attachment: Attachment) -> tuple[str, ...]:
    """Return the command that connects the container to a network."""
    keys = ("IPAMConfig", "Aliases", "Links", "DriverOpts", "GwPriority")
    words = _network_options(_asked(recipe, attachment), *keys)
    operands = _operands(attachment.network, recipe.name)
    return ("docker", "network", "connect", *words, *operands)


def _asked(recipe: Recipe, attachment: Attachment) -> Json:
    """Return what was requested on a network, without the links of the host config."""
    declared = texts(recipe.host, "Links")
    links = [link for link in texts(attachment.asked, "Links") if link not in declared]
    return {**attachment.asked, "Links": links}


def _network_settings(asked: Json, *keys: str) -> Iterator[Setting]:
    return read_fields(asked, {key: options.NETWORK[key] for key in keys})


def _driver_settings(asked: Json) -> list[Setting]:
    """Return the settings on a network that only the long form of ``--network`` has."""
    return [*_network_settings(asked, "DriverOpts", "GwPriority")]


def _network_options(asked: Json, *keys: str) -> Iterator[str]:
    found = _network_settings(asked, *keys)
    return as_words((f"--{name}", value) for name, value in found)


def _long_form(recipe: Recipe, attachment: Attachment) -> str:
    """Return a network and a container's settings on it as one value."""
    found = [*read_fields(_asked(recipe, attachment), options.NETWORK)]
    name = attachment.network
    return as_value([("name", name), *found]) if found else name


def _left_over(recipe: Recipe) -> tuple[Attachment, ...]:
    """Return the networks that cannot be set at the creation."""
    further = recipe.further_networks
    return tuple(one for one in further if not _fits_beside(recipe, one))


def _fits_beside(recipe: Recipe, attachment: Attachment) -> bool:
    """Tell whether a container can be created on this network too.

    The client does not combine a network of the engine's own with others, has no links
    for further networks, and turns their names into lower case.
    """
    first = recipe.mode_network
    if first is None or not attachment.allows_several:
        return False
    if texts(_asked(recipe, attachment), "Links"):
        return False
    if {first.network, attachment.network} & _NOT_USER_DEFINED:
        return False
    long_form = _long_form(recipe, attachment)
    return long_form in {attachment.network, long_form.lower()}


def _mount_words(recipe: Recipe) -> Iterator[str]:
    """Yield the options for everything that is mounted.

    An anonymous volume is given by the name that the engine chose, so that its content
    is there again, unless it was removed with the container.
    """
    binds, mounts = declare_volumes(recipe, None)
    for bind in binds:
        yield from ("-v", bind)
    for mount in mounts:
        yield from _mount(mount)
    yield from _options(recipe.host, options.VOLUMES)


def _mount(mount: Json) -> tuple[str, str]:
    source, target = text(mount, "Source"), text(mount, "Target")
    kind = text(mount, "Type") or "volume"
    found: list[Setting] = []
    for part, table in options.MOUNT.items():
        found += read_fields(inner(mount, part) if part else mount, table)
    is_plain = _CREATED in found and {*found} <= {_CREATED, _READ_ONLY}
    if kind == "bind" and is_plain and ":" not in source + target:
        # Older clients create a missing folder on the host only for -v.
        return "-v", f"{source}:{target}{':ro' if _READ_ONLY in found else ''}"
    place: list[Setting] = [("src", source)] if source else []
    return "--mount", as_value([("type", kind), *place, ("dst", target), *found])


def find_inexpressible(inspect: Json) -> tuple[str, ...]:
    """Return what the commands that recreate a container do not express.

    Each entry is a field of the inspect; empty fields are not included.
    """
    return tuple(_find_inexpressible(_printable(read_recipe(inspect))))


def _find_inexpressible(recipe: Recipe) -> Iterator[str]:
    yield from _unknown("Config", recipe.config, _CONFIG_FIELDS)
    yield from _unknown("HostConfig", recipe.host, _HOST_FIELDS)
    for mount in objects(recipe.host, "Mounts"):
        where = f"HostConfig.Mounts[{text(mount, 'Target')}]"
        of_mount = {*options.MOUNT, *options.MOUNT[""], "Source", "Target", "Type"}
        yield from _unknown(where, mount, of_mount)
        for part in filter(None, options.MOUNT):
            found = inner(mount, part)
            yield from _unknown(f"{where}.{part}", found, options.MOUNT[part])
    left_over = _left_over(recipe)
    for one in recipe.networks:
        # `docker network connect` has no option for it.
        lacking = {"MacAddress"} if one in left_over else set()
        where = f"NetworkSettings.Networks.{one.network}"
        yield from _unknown(where, one.asked, options.NETWORK.keys() - lacking)
    yield from _approximated(recipe)


def _approximated(recipe: Recipe) -> Iterator[str]:
    """Yield what the commands only express in another form, which may differ."""
    host = recipe.host
    if texts(inner(recipe.config, "Healthcheck"), "Test")[:1] == ("CMD",):
        yield "Config.Healthcheck.Test without a shell"
    if any(map(options.has_own_profile, texts(host, "SecurityOpt"))):
        yield "HostConfig.SecurityOpt: the seccomp profile"
    opened = [key for key in _DEFAULT_PATHS if host.get(key) == []]
    paths = {key: texts(host, key) for key in _DEFAULT_PATHS}
    others = [
        key for key in paths if paths[key] and _DEFAULT_PATHS[key] not in paths[key]
    ]
    if len(opened) < len(_DEFAULT_PATHS):
        others += opened
    yield from (f"HostConfig.{key}" for key in others)
    first = recipe.mode_network
    if first is not None and (more := _driver_settings(first.asked)):
        # The client turns a long form into lower case, and the engine accepts the
        # placeholder ``IFNAME`` in lower case too.
        long_form = as_value([("name", first.network), *more])
        if long_form.replace("IFNAME", "ifname") != long_form.lower():
            yield f"NetworkSettings.Networks.{first.network} with capital letters"
    if recipe.hides_platform:
        yield HIDDEN_PLATFORM


def _unknown(where: str, fields: Json, known: Iterable[str]) -> Iterator[str]:
    for key in sorted(fields.keys() - set(known)):
        if fields[key]:
            yield f"{where}.{key}"
