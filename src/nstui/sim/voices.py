"""What the programs of simulated containers write, by their images."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

from nstui.model.log import LogSource

_ERROR = "! "
"""What a sentence begins with here that is written to stderr."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How one program talks. What it says has numbers in it: see `Voice.say`."""

    every_s: float
    """About how many seconds are between two lines."""

    said: tuple[str, ...]
    first: tuple[str, ...] = ()
    """What it says when it starts."""

    last: tuple[str, ...] = ()
    """What it says when it ends."""

    def say(self, sentence: str, seed: str) -> tuple[LogSource, str]:
        """Return where a sentence is written to, and the sentence with its numbers.

        The same seed makes the same numbers.
        """
        source = LogSource.STDOUT
        if sentence.startswith(_ERROR):
            source, sentence = LogSource.STDERR, sentence.removeprefix(_ERROR)
        chance = crc32(seed.encode())
        words = sentence.format(
            few=chance % 7 + 1,
            some=chance % 89 + 10,
            many=chance % 8900 + 1000,
            host=chance // 7 % 200 + 20,
        )
        return source, words

    def choose(self, seed: str) -> str:
        """Return one of the sentences that it says from time to time."""
        chance = crc32(f"{seed}:which".encode())
        if chance % 4:
            # The last ones are the rarest.
            return self.said[chance // 4 % max(1, len(self.said) - 1)]
        return self.said[chance // 4 % len(self.said)]


_WEB = (
    '172.18.0.{few} - - "GET / HTTP/1.1" 200 {many} "-" "Mozilla/5.0"',
    '172.18.0.{few} - - "GET /static/app.js HTTP/1.1" 304 0 "-" "Mozilla/5.0"',
    '192.168.1.{host} - - "GET /api/items?page={few} HTTP/1.1" 200 {many} "-" "curl"',
    '192.168.1.{host} - - "POST /api/session HTTP/1.1" 401 {some} "-" "Mozilla/5.0"',
    (
        '! [error] 29#29: *{many} open() "/usr/share/nginx/html/favicon.ico" failed'
        " (2: No such file or directory), client: 192.168.1.{host}"
    ),
)

_VOICES = {
    "nginx": Voice(
        7,
        _WEB,
        first=(
            "! [notice] 1#1: nginx/1.28.0",
            "! [notice] 1#1: start worker processes",
        ),
        last=("! [notice] 1#1: signal 15 (SIGTERM) received, exiting",),
    ),
    "caddy": Voice(
        11,
        (
            (
                '! {{"level":"info","logger":"http.log.access","msg":"handled request",'
                '"status":200,"duration":0.0{many}}}'
            ),
            '! {{"level":"info","logger":"tls","msg":"certificate maintenance done"}}',
        ),
        first=('! {{"level":"info","msg":"serving initial configuration"}}',),
    ),
    "postgres": Voice(
        23,
        (
            "! LOG:  checkpoint starting: time",
            "! LOG:  checkpoint complete: wrote {some} buffers (0.{few}%)",
            "! LOG:  automatic vacuum of table app.public.items: index scans: {few}",
        ),
        first=(
            (
                "PostgreSQL Database directory appears to contain a database;"
                " Skipping initialization"
            ),
            "! LOG:  listening on IPv4 address 0.0.0.0, port 5432",
            "! LOG:  database system is ready to accept connections",
        ),
        last=("! LOG:  received smart shutdown request",),
    ),
    "redis": Voice(
        31,
        (
            "1:M * {some} changes in 300 seconds. Saving...",
            "1:M * Background saving terminated with success",
        ),
        first=("1:M * Ready to accept connections tcp",),
        last=("1:signal-handler Received SIGTERM scheduling shutdown...",),
    ),
    "gluetun": Voice(
        17,
        (
            "INFO [healthcheck] healthy!",
            "INFO [ip getter] Public IP address is 185.65.134.{host}",
            "INFO [dns] {many} queries answered, {some} blocked",
        ),
        first=(
            "INFO [routing] default route found: interface eth0, gateway 172.19.0.1",
            "INFO [openvpn] Initialization Sequence Completed",
        ),
        last=("INFO [openvpn] SIGTERM received, process exiting",),
    ),
    "qbittorrent": Voice(
        13,
        (
            "(I) Peer 85.203.{some}.{host} connected",
            "(I) Piece {many} of 4242 verified",
            "(W) Tracker timed out after {some} s, retrying",
        ),
        first=(
            "******** Information ********",
            "WebUI will be started on 8080",
        ),
    ),
    "alloy": Voice(
        60,
        ("ts={many} level=info msg=waiting",),
        first=('level=info boringcrypto_enabled=false msg="starting"',),
        last=(
            (
                "! Error: /etc/alloy/config.alloy:14:1: unrecognized block name"
                ' "prometheus.scrap"'
            ),
        ),
    ),
    "pihole": Voice(
        5,
        (
            "dnsmasq[53]: query[A] example.org from 192.168.1.{host}",
            "dnsmasq[53]: forwarded example.org to 9.9.9.9",
            "dnsmasq[53]: gravity blocked ads.example.net is 0.0.0.0",
        ),
        first=("FTL started!",),
    ),
    "restic": Voice(
        40,
        ("[0:{some}] {some}.0%  {many} files 12.4 GiB, total {many} files",),
        first=("repository 7d5a0f18 opened (version 2, compression level auto)",),
        last=("snapshot 40dc1520 saved",),
    ),
    "app": Voice(
        3,
        (
            "INFO request id={many} path=/orders status=200 ms={some}",
            "INFO request id={many} path=/cart status=200 ms={few}",
            "! WARN slow query ms={many}",
        ),
        first=("INFO listening on :3000",),
    ),
}

_OTHERS = Voice(
    19,
    (
        "INFO job {many} done in {some} ms",
        "INFO {some} items checked, {few} changed",
        "DEBUG cache hit ratio 0.{some}",
        "WARN 192.168.1.{host} answered late ({many} ms)",
    ),
    first=("INFO starting", "INFO ready"),
    last=("INFO shutting down",),
)

_SILENT = {"busybox", "pause"}


def voice_of(image: str) -> Voice | None:
    """Return how the program of an image talks; None if it never does."""
    name = image.rpartition("/")[2].partition(":")[0]
    if name in _SILENT:
        return None
    return _VOICES.get(name, _OTHERS)
