"""What looks like a secret, and what is shown of it."""

from __future__ import annotations

import pytest

from nstui.analysis.secrets import MASK, is_secret, masked_value, masked_words


@pytest.mark.parametrize(
    "name",
    [
        "POSTGRES_PASSWORD",
        "MYSQL_ROOT_PASS",
        "passphrase",
        "GITHUB_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "ApiKey",
        "WIREGUARD_PRIVATE_KEY",
        "GOOGLE_CREDENTIALS",
        "BASIC_AUTH",
        "SESSION_COOKIE",
        "PASSWORD_SALT",
        "SLACK_WEBHOOK",
        "SENTRY_DSN",
        "DB_PWD",
        "DBPWD",
        "SIM_PIN",
        "GH_PAT",
        "WIFI_PSK",
        "JWT",
    ],
)
def test_a_name_like_this_has_a_secret(name: str) -> None:
    assert is_secret(name)
    assert masked_value(name, "hunter2") == MASK


@pytest.mark.parametrize(
    "name",
    ["PATH", "HOME", "PWD", "OLDPWD", "TZ", "PUID", "LANG", "PING_HOST", "PGDATA"],
)
def test_a_name_like_this_has_none(name: str) -> None:
    assert not is_secret(name)
    assert masked_value(name, "hunter2") == "hunter2"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        pytest.param("DB_PASSWORD", "", "", id="that it is empty is no secret"),
        pytest.param(
            "DB_PASSWORD_FILE", "/run/secrets/db", "/run/secrets/db", id="a path"
        ),
        pytest.param("DB_PASSWORD_FILE", "hunter2", MASK, id="no path after all"),
        pytest.param(
            "DATABASE_URL",
            "postgres://app:hunter2@db:5432/app?sslmode=off",
            f"postgres://app:{MASK}@db:5432/app?sslmode=off",
            id="in an address",
        ),
        pytest.param(
            "URL", "redis://:a/b@c@db", f"redis://:{MASK}@db", id="with any character"
        ),
        pytest.param(
            "URL", "http://db:80/x", "http://db:80/x", id="an address without a login"
        ),
        pytest.param(
            "CONNECTION",
            "host=db password=hunter2 user=app",
            f"host=db password={MASK} user=app",
            id="in a list of settings",
        ),
        pytest.param(
            "URL",
            "https://x/?token=hunter2&page=2",
            f"https://x/?token={MASK}&page=2",
            id="in a query",
        ),
        pytest.param("JAVA_OPTS", "-Xmx=1g -Da=b", "-Xmx=1g -Da=b", id="no secret"),
    ],
)
def test_what_is_shown_of_a_value(name: str, value: str, shown: str) -> None:
    assert masked_value(name, value) == shown


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--password=hunter2", "x"], [f"--password={MASK}", "x"]),
        (["--api-key", "hunter2", "x"], ["--api-key", MASK, "x"]),
        (["--token", "--verbose", "x"], ["--token", "--verbose", "x"]),
        (["--port", "80"], ["--port", "80"]),
        (["env", "DB_PASS=a b", "app"], ["env", f"DB_PASS={MASK}", "app"]),
        (["-Ddb.password=x"], [f"-Ddb.password={MASK}"]),
        (
            ["sh", "-c", "export KEY=hunter2; app --user=me"],
            ["sh", "-c", f"export KEY={MASK}; app --user=me"],
        ),
        (["curl", "ftp://me:hunter2@x/"], ["curl", f"ftp://me:{MASK}@x/"]),
        ([], []),
    ],
)
def test_what_is_shown_of_a_command(words: list[str], shown: list[str]) -> None:
    assert list(masked_words(words)) == shown
