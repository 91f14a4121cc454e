"""The scripts by which a machine behind a shell tells what a reading needs.

Each is one request and one answer, whatever the number of processes, and starts only a
few programs, since the other side may be slow. They need a POSIX shell, and of the
programs that busybox and coreutils have: stat, head, grep, ls, id, sort; gzip makes
the answer small, getconf is asked where there is one. Nothing is written there.

The answer consists of sections. A line with a random word begins each, which the
script contains only in two halves, so that no text read there can look like one. Files
are named by a path with random detours (``.//././``), so that no content can look like
the header that head writes before the next file.
"""

from __future__ import annotations

import os
import secrets
from shlex import quote
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass
from nstui.model.holders import FEW
from nstui.model.namespace import NamespaceKind
from nstui.procfs.cgroup import CLIENTS
from nstui.procfs.scan import NETNS_FOLDER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from nstui.model.container import ContainerId
    from nstui.model.namespace import Namespace

SMALL, TEXT, LARGE, TABLE = 4096, 65_536, 1 << 20, 1 << 23
"""How many bytes of a file are read at most: of a command line, of a short text, of
mounts and accounts, of the sockets of a network."""

_SHORT = 12
_DETOURS = 32

_NETWORK_FILES = (
    "igmp dev fib_trie route if_inet6 ipv6_route tcp tcp6 udp udp6"  # of PID/net
)


@dataclass(frozen=True, slots=True)
class Marks:
    """What one script and its answer can be told apart by from all that is read."""

    word: str
    detour: str

    @classmethod
    def new(cls) -> Marks:
        """Return random marks."""
        units = (secrets.choice(("./", ".//")) for _ in range(_DETOURS))
        return cls(secrets.token_hex(12), "".join(units))


_PARTS = r"""
export LC_ALL=C
n='
'
m() { printf '\n%s%s %s\n' @one @two "$1"; }
e() { m "$1"; shift; { x=$("$@" 2>&1 1>&3); } 3>&1; m E; printf '%s\n' "$x"; }
h() { l=$1; shift; [ $# -gt 0 ] && e "F $l" head -v -c "$l" "$@"; }
s() { m S; stat -L -c '%d %i %n' "$r." "$@" 2>&1; }
p() { q=$1; shift; for i in $q; do printf " $r$i/%s" "$@"; done; }
c() { for i in $1; do l=; read -r l <"$i/cgroup"; printf '%s %s\n' "$i" "$l"; done; }
b() { [ "$1" ] || return; W="$W $1"; K=$K$(c "$1")$n; }
u() { m A; echo "uid $(id -u)"; }
a() { m A; echo "hz $(getconf CLK_TCK || echo 100)"; grep '^btime ' stat
read -r i l </proc/uptime; echo "up $i"; h 6 "/$r"proc/self/exe; }
w() { m "N $1"; (cd "$1" && [ -r . ] || exit; set +f
for f in * .[!.]* ..?*; do if [ -L "$f" ]; then printf 'l%s\0' "$f"
elif [ -e "$f" ]; then printf 'f%s\0' "$f"; fi; done; printf read); }
z() { V=$(c "$W"); [ "$K" = "$V$n" ] || { m X; printf '%s\0%s' "$K" "$V"; }; m end; }
"""
"""What scripts consist of.

m begins a section; e runs a program, and has a section for its errors; h reads files,
s identifies them; p writes the paths of files of some processes; b remembers in which
cgroup some processes are, and z says so if they are in another by now, with a pid that
is reused; u and a tell about the reader and the machine; w lists a folder."""

_FRAME = """set -- {all}
(
A=; for i; do A="$A ${{i##*/}}"; done
z=cat; command -v gzip >/dev/null && z=gzip
(
set -f
W= K= r={detour}
{parts}
m begin
cd {root} || {{ m none; m end; exit; }}
{body}
z
) | $z
) </dev/null 2>/dev/null
"""


def framed(body: str, root: str, marks: Marks) -> str:
    """Return a complete script.

    Args:
        body: What to fetch.
        root: The root of ``/proc`` there.
        marks: New ones.

    """
    half = len(marks.word) // 2
    parts = _PARTS.replace("@one", marks.word[:half])
    parts = parts.replace("@two", marks.word[half:]).strip()
    # Listed by the shell itself, before it starts what must not count as found.
    return _FRAME.format(
        all=f"{quote(root)}/[0-9]*" if "$A" in body else "",
        detour=marks.detour,
        parts=parts,
        root=quote(root),
        body=body.strip(),
    )


def file(path: str, limit: int = LARGE) -> str:
    """Return what fetches a single file."""
    return f"h {limit} {_detoured(path)}"


def identity(path: str) -> str:
    """Return what fetches which file a path leads to."""
    return f"s {_detoured(path)}"


def link(path: str) -> str:
    """Return what fetches the target of a link."""
    return f"e {_word(f'J {path}')} readlink -nv {_detoured(path)}"


def folder(path: str) -> str:
    """Return what fetches the names in a folder."""
    return f"w {_word(path)}"


def descriptors(path: str) -> str:
    """Return what fetches the targets of the links in a folder such as ``PID/fd``."""
    return f"{_LIST}\ne L ls $y /dev/null {_detoured(path)}"


def guarded(pid: str, body: str) -> str:
    """Return what fetches something of a process, with the cgroup that it is in."""
    return f'b {quote(pid)}; m C; printf %s "$K"\n{body}'


def _detoured(path: str) -> str:
    """Return a path in a script, by the detour."""
    return f'"/$r"{_word(path[1:])}' if path.startswith("/") else f'"$r"{_word(path)}'


def _word(path: str) -> str:
    """Return a word of the script; not every path is text."""
    if path.isascii() and path.isprintable():
        return quote(path)
    octal = "".join(f"\\{byte:03o}" for byte in os.fsencode(path))
    return f"\"$(printf '{octal}')\""


ABOUT = "u; a"
PIDS = "m P; echo $A"
USERS = file("/etc/passwd")
_LIST = "y=-ln; ls -lnq /dev/null >/dev/null && y=-lnq"
_SORTED = "O=$(printf '%s\\n' $A | sort -n); m P; echo $O"


def _kinds(kinds: Iterable[NamespaceKind] = NamespaceKind) -> str:
    return " ".join(f"ns/{kind}" for kind in kinds)


def _pids(pids: Iterable[int]) -> str:
    return " ".join(str(pid) for pid in pids)


def called(commands: Collection[str]) -> str:
    """Return what finds the processes with one of some command names."""
    words = sorted(commands)
    patterns = " ".join(f"-e {quote(word)}" for word in words)
    return (
        f"set +f; D=$(grep -lx {patterns} [0-9]*/comm); set -f\n"
        f"m {quote('D ' + ' '.join(words))}; echo $D\n"
        'set -- $D; D=; for i; do D="$D ${i%/comm}"; done\n'
        f'h {TEXT} $(p "$D" comm cmdline cgroup)'
    )


_LOOK = r"""
P='@pids'
u
b "$P"
h @TEXT $(p "$P" cgroup)
s $(p "1 $P" @kinds net/dev)
d=$(grep -Ho -e '^ *[^ :]*:' -e '^Inter-|' -e '^ face |' $(p "$P" net/dev) /dev/null)
m G; printf '%s\n' "$d"
k= J= L= M= T= D=
for l in $d; do case $l in
*/net/dev:) k=${l%/net/dev:}; k=${k##*/} ;;
*/net/dev:?*:) l=${l%/net/dev:*}; J="$J ${l##*/} " ;;
lo:) L="$L $k" ;;
face|\||*/net/dev:Inter-\|) ;;
*) J="$J $k " ;;
esac; done
for i in $L; do case $J in *" $i "*) ;; *) M="$M $i" ;; esac; done
IFS=$n
for l in $K; do case $l in
*:/) M="$M ${l%% *}" ;;
*libpod*) T="$T ${l%% *}" ;;
esac; done
unset IFS
h @LARGE $(p "$M" mountinfo)
h @TEXT $(p 1 comm)
l=; read -r l <1/comm
case $l in systemd)
@clients
;; esac
if [ "$T$D" ]; then
d=$(grep -H '^PPid:' $(p "$T $D" status) /dev/null); m G; printf '%s\n' "$d"
Q=; for l in $d; do case $l in [0-9]*) Q="$Q $l" ;; esac; done
h @TEXT $(p "$Q" comm cgroup)
fi
[ -d 1 ] || h @LARGE "$r"self/mountinfo
"""


def look(pids: Iterable[int]) -> str:
    """Return what fetches a look: the namespaces of containers, and what goes with it.

    Of interfaces only the names are fetched. The mounts are fetched of processes with
    loopback alone or in the reader's own cgroup; those above of Podman's processes and
    of engines' clients.
    """
    return _filled(_LOOK, pids=_pids(pids), kinds=_kinds(), clients=called(CLIENTS))


def kept(paths: Iterable[str]) -> str:
    """Return what identifies the namespaces that the engine keeps."""
    return f"s {' '.join(map(_detoured, paths))}"


_EVIDENCE = r"""
b @pid
h @LARGE $(p @pid cgroup status mountinfo)
Q=; while read -r k l; do case $k in PPid:) Q=$l ;; esac; done <@pid/status
case $Q in [1-9]*)
e "J $Q/cwd" readlink -nv "$r$Q/cwd"
h @TEXT $(p $Q cmdline)
f=$Q/cwd
if [ ! -f $f/config.json ]; then
set +f; IFS=$n; set -f
set -- $(tr '\0' '\n' <$Q/cmdline)
unset IFS
while [ $# -gt 1 ]; do case $1 in -b) f=$Q/root$2; break ;; esac; shift; done
fi
h @TABLE "$r$f/config.json"
O=$(grep -o '/proc/[0-9]*/ns/' "$f/config.json" | grep -o '[0-9][0-9]*')
h @TEXT $(p "$O" cgroup) ;;
esac
"""


def evidence(pid: int) -> str:
    """Return what fetches the evidence about the container of a process."""
    return _filled(_EVIDENCE, pid=str(pid))


_INTERIOR = r"""
b @pid
a
h @TEXT $(p @pid cgroup)
h @TABLE $(p @pid @files)
m P; echo $A
d=$(stat -L -c '%d %i %n' "$r." $(p "$A" net/dev) 2>&1)
m S; printf '%s\n' "$d"
k=$(stat -L -c '%d %i' @pid/net/dev)
N=; IFS=$n
for l in $d; do case $l in "$k "*/net/dev)
l=${l%/net/dev}; N="$N ${l##*/}" ;; esac; done
unset IFS
b "$N"
h @SMALL $(p "$N" cmdline)
h @TEXT $(p "$N" cgroup comm)
@list
[ "$N" ] && e L ls $y /dev/null $(p "$N" fd)
"""


def interior(pid: int) -> str:
    """Return what fetches the network of a process, and the processes in it."""
    files = " ".join(f"net/{name}" for name in _NETWORK_FILES.split())
    return _filled(_INTERIOR, pid=str(pid), files=files, list=_LIST)


_USAGE = r"""
P='@pids'
a
b "$P"
h @TEXT $(p "$P" cgroup)
h @LARGE "$r"self/mountinfo
set -- @shorts
C=; IFS=$n
v=$(grep -e ' - cgroup2 ' -e ' - cgroup .*[, ]cpuacct' -e ' - cgroup .*[, ]memory' \
self/mountinfo)
for i in $P; do
o=$1; shift
for l in $(grep -e '^0::/' -e '[:,]cpuacct[:,]' -e '[:,]memory[:,]' $i/cgroup); do
f=${l#*:}; k=${f%%:*}; f=${f#*:}
case $f in *$o*) t=${f#*$o}; case $t in */*) f=${f%"/${t#*/}"} ;; esac ;; *) continue ;;
esac
for j in $v; do
IFS=' '; y=; for q in $j; do y=$y.; case $y in ....) R=$q ;; .....) G=$q ;; esac; done
IFS=$n; g=$f
[ "$R" = / ] || case $f/ in "$R"/*) g=${f#"$R"} ;; *) continue ;; esac
case $k/$j in
/*' - cgroup2 '*) C="$C$n/$r${G#/}$g/cpu.stat$n/$r${G#/}$g/memory.current"
C="$C$n/$r${G#/}$g/memory.stat" ;;
/*) ;;
*cpuacct*/*cpuacct*) C="$C$n/$r${G#/}$g/cpuacct.usage" ;;
*memory*/*memory*) C="$C$n/$r${G#/}$g/memory.usage_in_bytes"
C="$C$n/$r${G#/}$g/memory.stat" ;;
esac
done; done; done
e G grep -H -e '^usage_usec ' -e inactive_file -e '^[0-9]*$' $C /dev/null
unset IFS
"""


def usage(pids: Mapping[ContainerId, int]) -> str:
    """Return what fetches the values of containers' cgroups."""
    return _filled(
        _USAGE,
        pids="\n".join(str(pid) for pid in pids.values()),
        shorts=" ".join(each[:_SHORT] for each in pids),
    )


_PROCESSES = r"""
a
m P; echo $A
h @TEXT $(p "$A" cgroup)
N=; for i in $(grep -l @words $(p "$A" cgroup) /dev/null); do
i=${i%/cgroup}; N="$N ${i##*/}"; done
b "$N"
h @SMALL $(p "$N" cmdline)
h @TEXT $(p "$N" cgroup comm stat status)
@users
"""


def processes(containers: Iterable[ContainerId]) -> str:
    """Return what fetches all processes of some containers."""
    words = " ".join(f"-e {quote(each[:_SHORT])}" for each in containers)
    return _filled(_PROCESSES, words=words, users=USERS)


_HOLDERS = r"""
a
@sorted
N=' 1 '
for j in @kinds; do
d=$(stat -L -c '%d %i %n' "$r." $(p "$O" $j) 2>&1)
m S; printf '%s\n' "$d"
IFS=$n
for l in $d; do case $l in [0-9]*/$j) i=${l#* }; i=${i%% *}; eval "f=\${f$i:-}"
case $f in @few) ;; *) eval "f$i=x$f"; l=${l%/$j}; l=${l##*/}
case $N in *" $l "*) ;; *) N="$N$l " ;; esac ;; esac ;; esac; done
unset IFS
done
h @TEXT $(p "$N" cgroup comm stat)
h @LARGE "$r"self/mountinfo
s "$r"@names
w @names
set +f; s $r@names/* $r@names/.[!.]*; set -f
"""


def holders(kinds: Iterable[NamespaceKind]) -> str:
    """Return what fetches what keeps the namespaces of some kinds alive."""
    return _filled(
        _HOLDERS,
        sorted=_SORTED,
        kinds=_kinds(kinds),
        few="x" * FEW,
        names=f"self/root/{NETNS_FOLDER}",
    )


_OUTSIDERS = r"""
a
@sorted
N=' 1 '
for j in @kinds; do
d=$(stat -L -c '%d %i %n' "$r." $(p "$O" $j) 2>&1)
m S; printf '%s\n' "$d"
IFS=$n
for l in $d; do case $l in [0-9]*/$j) i=${l#* }; i=${i%% *}
case ' @inodes ' in *" $i "*) l=${l%/$j}; l=${l##*/}
case $N in *" $l "*) ;; *) N="$N$l " ;; esac ;; esac ;; esac; done
unset IFS
done
h @TEXT $(p "$N" cgroup comm stat)
"""


def outsiders(namespaces: Collection[Namespace]) -> str:
    """Return what fetches the processes in some namespaces."""
    return _filled(
        _OUTSIDERS,
        sorted=_SORTED,
        kinds=_kinds(sorted({each.kind for each in namespaces})),
        inodes=" ".join(str(each.inode) for each in namespaces),
    )


def _filled(body: str, **values: str) -> str:
    """Return a script with its names replaced; a name must not begin another."""
    sizes = {"SMALL": SMALL, "TEXT": TEXT, "LARGE": LARGE, "TABLE": TABLE}
    for name, value in (*values.items(), *sizes.items()):
        body = body.replace(f"@{name}", str(value))
    return body
