"""A container image made of nothing but a static busybox."""

from __future__ import annotations

import io
import shutil
import struct
import tarfile
from pathlib import Path

SEARCH_PATH = "/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin"
BUSYBOX_NAMES = ("busybox", "busybox-static", "busybox.static")

APPLETS = (
    "awk cat chmod cp date dd df echo env expr false free grep head hostname httpd id "
    "ifconfig ip kill killall ln ls mkdir mount mv nc netstat nslookup pidof ping ps "
    "pwd readlink rm route seq sh sleep sort stat stty tail tee test timeout top touch "
    "tr true umount uname unshare uptime vi wc wget which yes"
)
"""Programs that the image offers, each as a link to busybox."""

FOLDERS = ("dev", "etc", "proc", "root", "run", "sys", "tmp", "var", "www")

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
"""The header of a 64-bit little-endian ELF file: see ``man 5 elf``."""

_INTERPRETER = 3
"""The program header type PT_INTERP: a dynamic program names its loader there."""


def find_static_busybox() -> Path | None:
    """Return a busybox that needs no library, or None if there is none."""
    for name in BUSYBOX_NAMES:
        found = shutil.which(name, path=SEARCH_PATH)
        if found is not None and _is_static(Path(found)):
            return Path(found)
    return None


def static_busybox() -> Path:
    """Return a busybox that needs no library, where there is known to be one."""
    found = find_static_busybox()
    assert found is not None
    return found


def image_archive(busybox: Path) -> bytes:
    """Return the root file system of the image as a tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for folder in FOLDERS:
            entry = tarfile.TarInfo(folder)
            entry.type = tarfile.DIRTYPE
            entry.mode = 0o777 if folder == "tmp" else 0o755
            archive.addfile(entry)
        program = tarfile.TarInfo("bin/busybox")
        content = busybox.read_bytes()
        program.size = len(content)
        program.mode = 0o755
        archive.addfile(program, io.BytesIO(content))
        for applet in APPLETS.split():
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type = tarfile.SYMTYPE
            link.linkname = "busybox"
            archive.addfile(link)
    return buffer.getvalue()


def _is_static(program: Path) -> bool:
    content = program.read_bytes()
    if content[:6] != b"\x7fELF\x02\x01":
        return False
    fields = _HEADER.unpack_from(content)
    start, size, count = fields[5], fields[9], fields[10]
    types = (
        struct.unpack_from("<I", content, start + size * index)[0]
        for index in range(count)
    )
    return _INTERPRETER not in types
