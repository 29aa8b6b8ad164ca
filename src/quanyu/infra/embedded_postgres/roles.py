"""Database roles, their passwords and the database: on the embedded server or any other.

``quanyu_owner`` owns the schema, ``quanyu_system`` sees every tenant (pipeline, jobs), ``quanyu_app`` lives
behind row-level security (API, console).
"""

import json
import secrets
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import psycopg
from psycopg import sql

from quanyu.infra.secret_file import read_or_create_secret
from quanyu.kernel.errors import Unavailable

DATABASE = "quanyu"
TRANSACTION_TIMEOUT = "5s"  # Longer work goes in chunks: an old transaction holds the log's horizon back.
MIN_SERVER_VERSION = 170000


class Role(StrEnum):
    """Who connects."""

    OWNER = "quanyu_owner"
    SYSTEM = "quanyu_system"
    APP = "quanyu_app"


class ServerTooOld(Unavailable):
    """The PostgreSQL server lacks something we need."""

    code = "postgres.server_too_old"


_ATTRIBUTES: Mapping[Role, str] = {
    Role.OWNER: "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB",
    Role.SYSTEM: "LOGIN NOSUPERUSER BYPASSRLS NOCREATEROLE NOCREATEDB",
    Role.APP: "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB",
}


def load_passwords(path: Path) -> dict[Role, str]:
    """Return the roles' passwords, made on first use. Losing the file is harmless on the embedded server:
    the next start makes new ones and sets them."""
    content = read_or_create_secret(path, _new_passwords)
    stored = json.loads(content)
    return {role: str(stored[role.value]) for role in Role}


def _new_passwords() -> bytes:
    return json.dumps({role.value: secrets.token_urlsafe(24) for role in Role}).encode()


def ensure_roles(superuser_dsn: str, passwords: Mapping[Role, str], *, database: str = DATABASE) -> None:
    """Create or correct the three roles and the database. Idempotent; needs a superuser.

    Raises:
        ServerTooOld: the server is older than PostgreSQL 17.
    """
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        version = connection.info.server_version
        if version < MIN_SERVER_VERSION:
            raise ServerTooOld(
                f"PostgreSQL {version // 10000} is too old: 17 or later is needed (transaction_timeout).",
                message_zh=f"PostgreSQL {version // 10000} 版本过低，需要 17 或更高版本。",
            )
        for role in Role:
            _ensure_role(connection, role, passwords[role])
        connection.execute("GRANT pg_monitor TO quanyu_system")
        for role in (Role.SYSTEM, Role.APP):
            statement = sql.SQL("ALTER ROLE {} SET transaction_timeout = {}")
            connection.execute(statement.format(sql.Identifier(role.value), sql.Literal(TRANSACTION_TIMEOUT)))
        ensure_database(connection, database)


def ensure_database(
    connection: psycopg.Connection[tuple[object, ...]], name: str, *, template: str = "template0"
) -> None:
    """Create a database owned by ``quanyu_owner`` that only our roles may connect to. Idempotent."""
    database = sql.Identifier(name)
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
        statement = sql.SQL("CREATE DATABASE {} OWNER quanyu_owner TEMPLATE {}")
        connection.execute(statement.format(database, sql.Identifier(template)))
    roles = sql.SQL(", ").join(sql.Identifier(role.value) for role in Role)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    connection.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(database, roles))


def _ensure_role(connection: psycopg.Connection[tuple[object, ...]], role: Role, password: str) -> None:
    name = sql.Identifier(role.value)
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role.value]).fetchone()
    verb = sql.SQL("ALTER ROLE" if exists else "CREATE ROLE")
    # The server only ever sees the verifier, so no log of statements can leak the password.
    verifier = connection.pgconn.encrypt_password(password.encode(), role.value.encode(), b"scram-sha-256")
    connection.execute(
        sql.SQL("{} {} WITH {} PASSWORD {}").format(
            verb, name, sql.SQL(_ATTRIBUTES[role]), sql.Literal(verifier.decode())
        )
    )
