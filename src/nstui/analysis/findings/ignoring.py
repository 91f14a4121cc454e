"""Which findings are reported, and which of them the user wants ignored.

This decides what is reported, and nothing else: plans and healing do not use it, so an
ignored finding blocks an action as it would otherwise.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from nstui.analysis.managers import IGNORE_LABEL
from nstui.model.finding import FindingCode, Severity
from nstui.model.frozen import dataclass
from nstui.model.host_options import HERE, HostOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.model.container import Container, ContainerId
    from nstui.model.finding import Finding


ANY = "*"
_CODES = frozenset(code.value for code in FindingCode)


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """Ignores findings by the container's name, by their code, or by both."""

    name: str = ANY
    """A name, or a pattern as the shell has it: ``*``, ``?`` and ``[…]``."""

    code: FindingCode | None = None
    """None for every code."""

    def __str__(self) -> str:
        """Write it as `parse_rule` reads it."""
        if self.code is None:
            return f"{self.name}:{ANY}" if self.name in _CODES else self.name
        return self.code.value if self.name == ANY else f"{self.name}:{self.code}"

    def matches(self, finding: Finding, name: str) -> bool:
        """Tell whether it is about a finding of the container of a name."""
        is_code = self.code is None or self.code is finding.code
        return is_code and fnmatchcase(name, self.name)


def parse_rule(text: str) -> IgnoreRule:
    """Return the rule in ``NAME``, ``CODE`` or ``NAME:CODE``.

    No container has a colon in its name. A word that is a code means that code; a
    container of such a name is written ``NAME:*``.

    Raises:
        ValueError: it is no rule; the message says why, as the end of a sentence.

    """
    name, colon, code = (part.strip() for part in text.partition(":"))
    if not colon and name in _CODES:
        return IgnoreRule(code=FindingCode(name))
    if not name:
        raise ValueError("a rule is NAME, CODE or NAME:CODE")
    if not colon or code == ANY:
        return IgnoreRule(name)
    return IgnoreRule(name, _code(code))


def _code(word: str) -> FindingCode:
    if word in _CODES:
        return FindingCode(word)
    from difflib import get_close_matches  # noqa: PLC0415

    close = get_close_matches(word, sorted(_CODES), n=1)
    hint = f"did you mean {close[0]}?" if close else f"use {', '.join(FindingCode)}"
    raise ValueError(f"{word!r} is not the code of a finding; {hint}")


def label_codes(container: Container) -> Iterator[FindingCode]:
    """Yield the codes that a container's own label has ignored."""
    for word in container.ignore_label.split(","):
        if word.strip() in _CODES:
            yield FindingCode(word.strip())


def label_problems(containers: Iterable[Container]) -> Iterator[str]:
    """Yield a sentence for every word of a label that is not a code."""
    for container in containers:
        for word in filter(None, map(str.strip, container.ignore_label.split(","))):
            try:
                _code(word)
            except ValueError as problem:
                yield f"label {IGNORE_LABEL} of {container.name}: {problem}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """What the user wants reported."""

    rules: tuple[IgnoreRule, ...] = ()
    least: Severity = Severity.NOTICE
    """The least severity of what is reported."""

    options: HostOptions = HERE
    """The options by which the user has named the host; printed commands have them."""


REPORT_ALL = Reporting()


@dataclass(frozen=True, slots=True)
class IgnoredFinding:
    """A finding that is not reported, because the user ignores it."""

    finding: Finding
    because: str
    """The rule or the label, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilteredFindings:
    """The findings of a host, divided; each part in the order of the findings."""

    reported: tuple[Finding, ...]
    ignored: tuple[IgnoredFinding, ...]
    lesser: tuple[Finding, ...]
    """Those that are not ignored, but less severe than what is reported."""


def filter_findings(
    findings: Iterable[Finding],
    containers: Mapping[ContainerId, Container],
    reporting: Reporting,
) -> FilteredFindings:
    """Divide the findings into those that are reported and those that are not.

    Args:
        findings: All findings.
        containers: The containers they are about. One that is missing is matched by
            its id.
        reporting: What the user wants reported.

    """
    reported: list[Finding] = []
    ignored: list[IgnoredFinding] = []
    lesser: list[Finding] = []
    for finding in findings:
        because = _why_ignored(finding, containers.get(finding.container), reporting)
        if because:
            ignored.append(IgnoredFinding(finding, because))
        elif finding.severity.rank > reporting.least.rank:
            lesser.append(finding)
        else:
            reported.append(finding)
    return FilteredFindings(
        reported=tuple(reported), ignored=tuple(ignored), lesser=tuple(lesser)
    )


def _why_ignored(
    finding: Finding, container: Container | None, reporting: Reporting
) -> str:
    if container is not None and finding.code in label_codes(container):
        return f"label {IGNORE_LABEL}={container.ignore_label}"
    name = finding.container if container is None else container.name
    found = (rule for rule in reporting.rules if rule.matches(finding, name))
    rule = next(found, None)
    return "" if rule is None else f"rule {rule}"
