"""Options of ``docker run`` that make containers to be made again."""

from __future__ import annotations

HOSTILE = (
    "a 'b' \"c\" $HOME `id` \\ \\n !x *?[z] ~ #;&|<>(){}\n\ttab\x1b[2J é\u202e=,end "
)
"""What no shell can be told."""

QUOTED = "a 'b' \"c\" $HOME `id` \\ \\n \\' !x *?[z] ~ #;&|<>(){} é=,end "
OWN_IMAGE = "own:1"
CHANGES = (
    'ENTRYPOINT ["env", "A=1"]',
    'CMD ["sleep", "1000"]',
    "ENV FROM_IMAGE=yes",
    "LABEL from.image=yes",
    "EXPOSE 70/tcp 71/udp",
    "VOLUME /from-image",
    "WORKDIR /etc",
    "USER 1",
    'HEALTHCHECK --interval=30m --retries=2 CMD ["test", "-e", "/etc"]',
)

OPTIONS: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "hostile": ("-e", f"X={HOSTILE}", "--label", f"l={HOSTILE}", "--label", "empty"),
    "quoted": ("-e", f"X={QUOTED}", "--label", f"l={QUOTED}"),
    "environment": ("-e", "A=", "-e", "B==", "-e", "-C=-", "-e", "NAME_ALONE"),
    "names": ("--hostname", "host.example", "--domainname", "example"),
    "process": ("-u", "1:2", "-w", "/etc", "--group-add", "7", "--stop-timeout", "0"),
    "terminal": ("-i", "-t"),
    "entrypoint": ("--entrypoint", "env"),
    "restart": ("--restart", "on-failure:3", "--init", "--stop-signal", "SIGKILL"),
    "always": ("--restart", "always", "--init=false"),
    "rm": ("--rm",),
    "ports": (
        *("-p", "80", "-p", "127.0.0.1:8081:81", "-p", "8082:82/udp", "-p", "8083:81"),
        *("-p", "127.0.0.2::84", "--expose", "90", "--expose", "91/udp", "-P"),
    ),
    "IPv6 port": (
        "-p",
        "[::1]:8085:85",
    ),
    "dns": (
        *("--dns", "10.0.0.1", "--dns-search", "example", "--dns-option", "ndots:2"),
        *("--add-host", "a:10.0.0.2", "--add-host", "b:fd00::2"),
    ),
    "mounts": (
        *("-v", "/anonymous", "-v", "named:/b:ro", "-v", "/etc:/c:ro,rslave"),
        *("-v", "/usr:/d", "--tmpfs", "/e:size=2m,noexec", "--tmpfs", "/f"),
        *("--mount", "type=volume,dst=/g", "--mount", "type=volume,src=vm,dst=/h,ro"),
        *("--mount", "type=tmpfs,dst=/i,tmpfs-mode=1770,tmpfs-size=1m"),
        *("--mount", "type=bind,src=/etc,dst=/j,ro,bind-propagation=rprivate"),
        *("--mount", '"type=bind","src=/etc","dst=/k,""with: odd"'),
        *("--mount", "type=volume,src=vn,dst=/l,volume-nocopy,volume-label=a=b"),
        *(
            "--mount",
            "type=volume,src=vo,dst=/m,volume-driver=local,volume-opt=type=tmpfs,volume-opt=device=tmpfs",
        ),
    ),
    "volumes-from": ("--volumes-from", "base:ro", "-v", "/own", "-v", "/shared"),
    "volumes-from and a slash": ("--volumes-from", "base", "-v", "/own/"),
    "volume driver": ("--volume-driver", "local", "-v", "driven:/a"),
    "kinds": ("--pid", "container:base", "--ipc", "container:base"),
    "host": ("--net=host", "--pid=host", "--ipc=host", "--uts=host", "--userns=host"),
    "host network": ("--net=host", "--hostname", "given"),
    "none": ("--net=none", "--ipc=shareable", "--cgroupns=host"),
    "joined": ("--net=container:base", "--dns-search", "example"),
    "link": ("--link", "base:alias", "--link", "base"),
    "network": (
        *("--net", "one", "--ip", "172.30.0.9", "--network-alias", "Al"),
        *("--network-alias", "bl", "--link", "base:alias"),
    ),
    "mac": ("--net", "one", "--mac-address", "02:42:ac:1e:00:77"),
    "mac on the bridge": ("--mac-address", "02:42:ac:1e:00:78"),
    "capabilities": (
        *("--cap-add", "NET_ADMIN", "--cap-drop", "ALL", "--security-opt"),
        *("no-new-privileges", "--security-opt", "seccomp=unconfined"),
        *("--security-opt", "systempaths=unconfined", "--read-only"),
    ),
    "privileged": ("--privileged",),
    "memory": (
        *("-m", "64m", "--memory-reservation", "32m", "--shm-size", "1m"),
        *("--memory-swappiness", "0", "--oom-score-adj", "7", "--oom-kill-disable"),
    ),
    "swap": ("-m", "64m", "--memory-swap", "64m"),
    "unlimited swap": ("-m", "64m", "--memory-swap", "-1"),
    "cpus": ("--cpus", "1.25", "--cpuset-cpus", "0", "--cpu-shares", "512"),
    "quota": ("--cpu-period", "50000", "--cpu-quota", "20000", "--pids-limit", "50"),
    "limits": (
        *("--ulimit", "nofile=10:20", "--ulimit", "core=-1", "--ulimit", "cpu=5"),
        *("--sysctl", "net.ipv4.ip_forward=1", "--device-read-bps", "/dev/zero:1mb"),
        *("--device-write-iops", "/dev/zero:9", "--blkio-weight-device"),
        "/dev/zero:20",
    ),
    "devices": (
        *("--device", "/dev/null", "--device", "/dev/zero:/dev/z:r", "--device"),
        *("/dev/full:rw", "--device-cgroup-rule", "c 1:3 mr"),
    ),
    "all gpus": ("--gpus", "all"),
    "two gpus": ("--gpus", "2"),
    "named gpus": (
        "--gpus",
        '"device=0,1",driver=nvidia,"capabilities=compute,utility","options=a=b,c=d"',
    ),
    "log": ("--log-driver", "local", "--log-opt", "max-size=1m"),
    "log options": ("--log-opt", "max-size=1m", "--log-opt", f"tag={HOSTILE}"),
    "no log": ("--log-driver", "none"),
    "health": (
        *("--health-cmd", f"echo {HOSTILE}", "--health-interval", "1500ms"),
        *("--health-timeout", "90s", "--health-start-period", "2h"),
        *("--health-retries", "4"),
    ),
    "no health": ("--no-healthcheck",),
}
STARTED = {
    *("nothing", "process", "terminal", "entrypoint", "rm", "ports", "health"),
    *("joined", "kinds", "network", "link", "volumes-from"),
    "volumes-from and a slash",
}
"""The others are only made: that is quicker, and no kernel can forbid it."""

COMMANDS = {
    "hostile": ("echo", HOSTILE, "", "-x", "'", "$'"),
    "quoted": ("echo", QUOTED, "", "-x", "'", "$'"),
    "entrypoint": ("-i", "sleep", "1000"),
}
