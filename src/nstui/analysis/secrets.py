"""Which values look like secrets, and what is shown in their place.

The name decides: nobody can tell a password by itself. A name that merely contains such
a word is masked as well, because a value that is shown cannot be taken back.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


MASK = "••••"
"""What is shown in place of a secret; it does not tell its length."""

_SECRET = re.compile(
    r"pass|secret|token|key|cred|auth|private|cookie|salt|session|webhook|dsn"
    r"|(?:^|[_-])(?:pwd|pw|pin|pat|psk|sas|jwt)(?:$|[_-])"
    # The shells' folder is called PWD.
    r"|.pwd$",
    re.IGNORECASE,
)
_FILE = re.compile(r"[_-]file$", re.IGNORECASE)
_LOGIN = re.compile(r"(://[^/\s:@]*:)\S+(?=@)")
"""Matches the login in an address such as ``postgres://user:password@host``."""

_PAIR = re.compile(r"""([\w.-]+)=([^&;\s"']+)""")
"""Matches a setting within a text, such as ``?password=…`` or ``sh -c 'KEY=…'``."""

_OPTION = re.compile(r"(--?[A-Za-z][\w.-]*|[A-Za-z_]\w*)=(.+)", re.DOTALL)
_SPLIT_OPTION = re.compile(r"--[A-Za-z][\w.-]*")


def is_secret(name: str) -> bool:
    """Tell whether a variable or an option of this name may hold a secret."""
    return _SECRET.search(name) is not None and name.upper() not in {"PWD", "OLDPWD"}


def masked_value(name: str, value: str) -> str:
    """Return the value of a variable as it may be shown.

    Shown are an empty value, and the path of a file that holds a secret, as of
    ``POSTGRES_PASSWORD_FILE``. Passwords within a value are masked under any name.
    """
    is_path = _FILE.search(name) is not None and value.startswith("/")
    if value and is_secret(name) and not is_path:
        return MASK
    return without_secrets(value)


def masked_words(words: Iterable[str]) -> Iterator[str]:
    """Yield the words of a command as they may be shown.

    Masked is what follows ``--password``, ``--password=`` and ``PASSWORD=``.
    """
    is_next_secret = False
    for word in words:
        option = _OPTION.fullmatch(word)
        if option is not None:
            yield f"{option[1]}={masked_value(option[1], option[2])}"
        elif is_next_secret and not word.startswith("-"):
            yield MASK
        else:
            yield without_secrets(word)
        is_option = _SPLIT_OPTION.fullmatch(word) is not None
        is_next_secret = is_option and is_secret(word)


def without_secrets(text: str) -> str:
    """Return a text with the secrets masked that stand in addresses and settings."""
    if "://" in text:
        text = _LOGIN.sub(rf"\1{MASK}", text)
    return _PAIR.sub(_masked_pair, text) if "=" in text else text


def _masked_pair(pair: re.Match[str]) -> str:
    return f"{pair[1]}={MASK}" if is_secret(pair[1]) else pair[0]
