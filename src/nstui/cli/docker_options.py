"""The global options of the docker command, as nstui understands them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.cli.settings import Settings
from nstui.errors import UsageProblem

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from nstui.analysis.docker_cli.words import GlobalOptions

_VARIABLES = {"tls": "DOCKER_TLS", "tlsverify": "DOCKER_TLS_VERIFY"}
_CERTIFICATES = ("tlscacert", "tlscert", "tlskey")


def settings_of(options: GlobalOptions, environ: MutableMapping[str, str]) -> Settings:
    """Return the settings that select the engine of a docker command.

    Args:
        options: The global options of the docker command.
        environ: The environment, which gets what nstui takes from there only.

    Raises:
        UsageProblem: the options say where certificates are, which nstui knows only by
            their folder.

    """
    for name in _CERTIFICATES:
        if name in options.values:
            raise UsageProblem(
                f"nstui does not know --{name}: name the folder of the certificates in"
                " DOCKER_CERT_PATH"
            )
    for name, variable in _VARIABLES.items():
        if name in options.values:
            environ[variable] = "1" if options.values[name] == "true" else ""
    if "config" in options.values:
        environ["DOCKER_CONFIG"] = options.values["config"]
    return Settings(host=options.host, context=options.context)
