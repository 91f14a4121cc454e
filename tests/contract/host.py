"""Two hosts to try the same things on: a simulated one and a real one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from docker.errors import APIError

from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import EngineRefused
from nstui.model.audit import LogSource
from nstui.model.container import ContainerId
from nstui.procfs.host import ProcHost
from tests.support.private_engine import FOREVER, IMAGE
from tests.support.registry import ADDRESS
from tests.support.sim_accidents import disconnect, enter

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.demo.containers import Spec
    from nstui.model.namespace import NamespaceKind
    from nstui.ports import ContainerEngine, HostEvidence, HostNamespaces
    from tests.support.private_engine import PrivateEngine


LABELLED = "labelled:1"
"""The image of a container whose image has labels."""


class ContractHost(Protocol):
    """A host, as the ports show it, and what the ports do not offer.

    Raises:
        EngineRefused: the engine would not.

    """

    @property
    def engine(self) -> ContainerEngine:
        """Its engine."""

    @property
    def namespaces(self) -> HostNamespaces:
        """Its kernel."""

    @property
    def evidence(self) -> HostEvidence:
        """What else its kernel tells."""

    def create(self, spec: Spec) -> ContainerId:
        """Create a container."""

    def start(self, reference: str) -> None:
        """Start a container."""

    def run_in(self, spec: Spec, whose: str, kind: NamespaceKind) -> ContainerId:
        """Run a container whose process enters another's namespace undeclared."""

    def rename(self, reference: str, name: str) -> None:
        """Give a container another name."""

    def pause(self, reference: str) -> None:
        """Freeze a container."""

    def disconnect(self, reference: str) -> None:
        """Take a container off the default network."""

    def write(self, reference: str, path: str) -> None:
        """Let a container that runs make a file in its own file system."""

    def say(
        self, reference: str, text: str, source: LogSource = LogSource.STDOUT
    ) -> None:
        """Let a container that runs write a line."""


class SimulatedHost:
    """A `World`."""

    def __init__(self) -> None:
        self.world = self._world = World()
        self.engine: ContainerEngine = SimEngine(self._world)
        host = SimHost(self._world)
        self.namespaces: HostNamespaces = host
        self.evidence: HostEvidence = host
        self.create = self._world.create
        self.start = self._world.start
        self.rename = self._world.rename
        self.pause = self._world.pause
        self.disconnect = partial(disconnect, self._world)
        self.write = self._world.write
        self.say = self._world.say

    def run_in(self, spec: Spec, whose: str, kind: NamespaceKind) -> ContainerId:
        """Run a container whose process enters another's namespace undeclared."""
        container = self._world.run(spec)
        enter(self._world, container, whose, kind)
        return container


class RealHost:
    """A private engine and the kernel it runs on."""

    def __init__(self, private: PrivateEngine, engine: ContainerEngine) -> None:
        self.private = self._private = private
        self.engine = engine
        host = ProcHost()
        self.namespaces: HostNamespaces = host
        self.evidence: HostEvidence = host

    def create(self, spec: Spec) -> ContainerId:
        """Create a container."""
        done = self._private.docker(
            "create",
            *("--name", spec.name, "--stop-signal", "SIGKILL"),
            *_options(spec),
            *(self._image(spec), *FOREVER),
            check=False,
        )
        if done.returncode:
            raise EngineRefused(done.stderr)
        return ContainerId(done.stdout.split()[-1])

    def start(self, reference: str) -> None:
        """Start a container."""
        self._ask(lambda: self._private.client.start(reference))

    def run_in(self, spec: Spec, whose: str, kind: NamespaceKind) -> ContainerId:
        """Run a container whose process enters another's namespace undeclared."""
        return ContainerId(self._private.run_in(spec.name, whose, kind))

    def rename(self, reference: str, name: str) -> None:
        """Give a container another name."""
        self._ask(lambda: self._private.client.rename(reference, name))

    def disconnect(self, reference: str) -> None:
        """Take a container off the default network."""
        client = self._private.client
        self._ask(lambda: client.disconnect_container_from_network(reference, "bridge"))

    def pause(self, reference: str) -> None:
        """Freeze a container."""
        self._ask(lambda: self._private.client.pause(reference))

    def write(self, reference: str, path: str) -> None:
        """Let a container that runs make a file in its own file system."""
        self._private.docker("exec", reference, "touch", path)

    def say(
        self, reference: str, text: str, source: LogSource = LogSource.STDOUT
    ) -> None:
        """Let a container that runs write a line."""
        number = 1 if source is LogSource.STDOUT else 2
        script = f'echo "$0" >/proc/1/fd/{number}'
        self._private.docker("exec", reference, "sh", "-c", script, text)

    def _image(self, spec: Spec) -> str:
        if spec.image.startswith(ADDRESS):
            return spec.image
        if not spec.image_labels:
            return IMAGE
        self._private.label_image(LABELLED, dict(spec.image_labels))
        return LABELLED

    def _ask(self, question: Callable[[], None]) -> None:
        try:
            question()
        except APIError as refusal:
            raise EngineRefused(str(refusal.explanation)) from refusal


def _options(spec: Spec) -> list[str]:
    options = [f"--ipc={spec.ipc}"]
    # Newer clients take no link beside the name of the network that is there anyway.
    if spec.network != "bridge":
        options += [f"--network={spec.network}"]
    options += [f"--restart={spec.restart}", f"--log-driver={spec.log_driver}"]
    if spec.pid:
        options += [f"--pid={spec.pid}"]
    options += [f"--label={key}={value}" for key, value in spec.labels]
    options += [f"--link={link}" for link in spec.links]
    options += [f"--volumes-from={reference}" for reference in spec.volumes_from]
    options += [
        f"--publish={port.host_ip}:{port.host_port}:{port.container_port}/{port.protocol}"
        for port in spec.ports
    ]
    return options
