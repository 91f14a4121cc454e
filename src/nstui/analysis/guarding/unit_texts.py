"""The texts of the guard's units; words between ``@`` are for `units` to fill in."""

from __future__ import annotations

SOCKET = """\
# Written by "nstui guard install", removed by "nstui guard uninstall".
[Unit]
Description=nstui guard: where the container engine asks before it ends a container
Documentation=@documentation@
# The engine does not start while it is to ask a guard that is not there.
Before=docker.service docker.socket
Conflicts=nstui-guard-open.socket

[Socket]
# systemd holds it while the guard is restarted: a call waits instead of failing.
ListenStream=@plugin_socket@
FileDescriptorName=plugin
SocketMode=0600
DirectoryMode=0700
# An engine would try for 15 s to reach a socket where nobody listens.
RemoveOnStop=yes
Backlog=1024
Service=nstui-guard.service
# How often it may be started is for the service to limit.
TriggerLimitIntervalSec=0

[Install]
WantedBy=sockets.target
"""

SERVICE = """\
# Written by "nstui guard install", removed by "nstui guard uninstall".
[Unit]
Description=nstui guard: refuses what would break a running dependent
Documentation=@documentation@
Requires=nstui-guard.socket
# Not After=docker.service: the engine waits for the guard, and not the other way.
After=nstui-guard.socket
# One that cannot be brought back is taken out of the engine.
StartLimitIntervalSec=60s
StartLimitBurst=10
OnFailure=nstui-guard-rescue.service

[Service]
Type=notify
NotifyAccess=main
# As "nstui guard serve", without the rest of nstui.
ExecStart=@front@
ExecReload=/bin/kill -HUP $MAINPID
# One that ends by itself with an error ends like that again: nstui or its Python is
# broken, and the engine cannot wait.
Restart=on-abnormal
RestartSec=100ms
# A front that hangs holds every call to the engine: it is killed at once, also if it is
# stopped by a signal.
WatchdogSec=2s
WatchdogSignal=SIGKILL
# Ten of these are less than the interval of the limit.
TimeoutStartSec=5s
TimeoutStopSec=3s
# The one that was started ends the others, once they have answered.
KillMode=mixed
# An engine without its guard answers nobody.
OOMScoreAdjust=-900
LimitNOFILE=65536
# Every call to the engine waits for it.
Nice=-10

User=root
RuntimeDirectory=nstui
# The socket in it is also for those that may use the engine.
RuntimeDirectoryMode=0711
# Tickets, and the socket where it is asked for them, outlive a restart.
RuntimeDirectoryPreserve=yes
StateDirectory=nstui
StateDirectoryMode=0700
ConfigurationDirectory=nstui
Environment=XDG_STATE_HOME=%S XDG_CONFIG_HOME=%E PYTHONDONTWRITEBYTECODE=1
UMask=0077

# What it needs beyond the engine's socket, which belongs to root: to tell which
# namespaces the processes of other users are in, and to give its own socket the group
# of the engine's.
CapabilityBoundingSet=CAP_SYS_PTRACE CAP_CHOWN
NoNewPrivileges=yes
ProtectProc=default
ProcSubset=all
RestrictAddressFamilies=AF_UNIX
RestrictNamespaces=yes
# nstui may be in somebody's home folder.
ProtectHome=read-only
ProtectSystem=strict
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
IPAddressDeny=any
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
# Without a capability for that it can only give way: its looks do.
SystemCallFilter=setpriority @chown
SystemCallErrorNumber=EPERM
"""

RESCUE = """\
# Written by "nstui guard install", removed by "nstui guard uninstall".
[Unit]
Description=nstui guard: takes a guard that cannot be brought back out of the engine
Documentation=@documentation@
# It may be needed at any time, and again.
StartLimitIntervalSec=0

[Service]
Type=oneshot
# Without Python, which may be what is broken.
ExecStart=/bin/sh @rescue@ take-out
TimeoutStartSec=2min
User=root
"""

CHECK = """\
# Written by "nstui guard install", removed by "nstui guard uninstall".
[Unit]
Description=nstui guard: asks whether the guard answers
Documentation=@documentation@
StartLimitIntervalSec=0
OnFailure=nstui-guard-rescue.service

[Service]
Type=oneshot
# It restarts a guard that does not answer, and fails if it does not answer after that.
ExecStart=/bin/sh @rescue@ check
TimeoutStartSec=2min
User=root
Environment=PYTHONDONTWRITEBYTECODE=1
LogLevelMax=notice
"""

TIMER = """\
# Written by "nstui guard install", removed by "nstui guard uninstall".
[Unit]
Description=nstui guard: asks again and again whether the guard answers
Documentation=@documentation@

[Timer]
OnActiveSec=15s
OnUnitInactiveSec=15s
AccuracySec=1s

[Install]
WantedBy=timers.target
"""

OPEN_SOCKET = """\
# Written by "nstui guard install", removed by "nstui guard uninstall".
[Unit]
Description=nstui guard: lets every call through while the guard is taken out
Documentation=@documentation@
Conflicts=nstui-guard.socket
After=nstui-guard.socket nstui-guard.service

[Socket]
ListenStream=@plugin_socket@
SocketMode=0600
DirectoryMode=0700
# An engine would try for 15 s to reach a socket where nobody listens.
RemoveOnStop=yes
Accept=yes
MaxConnections=1024
Backlog=1024
TriggerLimitIntervalSec=0
"""

OPEN = """\
# Written by "nstui guard install", removed by "nstui guard uninstall".
[Unit]
Description=nstui guard: lets one call through while the guard is taken out
Documentation=@documentation@
CollectMode=inactive-or-failed
StartLimitIntervalSec=0

[Service]
# Without Python, which may be what is broken.
ExecStart=/bin/sh @rescue@ let-through
StandardInput=socket
StandardOutput=socket
StandardError=journal
TimeoutStartSec=10s
RuntimeMaxSec=60s
User=root
CapabilityBoundingSet=
NoNewPrivileges=yes
PrivateNetwork=yes
RestrictAddressFamilies=none
RestrictNamespaces=yes
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProcSubset=pid
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
UMask=0077
"""
