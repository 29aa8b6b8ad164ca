"""Our own ordered migrations of the warehouse: SQL files, applied once each, in the order of their numbers.

ClickHouse has no transactions over DDL, so every statement must be repeatable (``IF NOT EXISTS``): one that
was interrupted runs again. A file never changes after its release.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from quanyu.infra.warehouse.gate import Warehouse
from quanyu.infra.warehouse.settings import WarehouseSettings
from quanyu.kernel.errors import Conflict

_FILE_NAME = re.compile(r"\d{4}_[a-z0-9_]+\.sql")
_DATABASE_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_STATEMENT_END = re.compile(r";[ \t]*$", re.MULTILINE)
_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)


class MigrationsDisagree(Conflict):
    """What was applied is not what this release holds."""

    code = "warehouse.migrations_disagree"


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its name, and its statements with placeholders."""

    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    def statements(self, settings: WarehouseSettings) -> tuple[str, ...]:
        """Return the statements for one deployment.

        ``{{database}}`` is the database; ``{{local_user}}`` lets a dictionary read its own server's tables.
        """
        filled = self.text.replace("{{database}}", settings.database)
        filled = filled.replace("{{local_user}}", _local_user(settings))
        bare = _COMMENT.sub("", filled)
        return tuple(part.strip() for part in _STATEMENT_END.split(bare) if part.strip())


def load(directory: Path) -> tuple[Migration, ...]:
    """Read the migration files of a folder in order."""
    paths = sorted(path for path in directory.iterdir() if path.suffix == ".sql")
    wrong = [path.name for path in paths if not _FILE_NAME.fullmatch(path.name)]
    if wrong:
        raise MigrationsDisagree(f"Migration files are named NNNN_name.sql; found {', '.join(wrong)}.")
    return tuple(Migration(path.stem, path.read_text(encoding="utf-8")) for path in paths)


async def migrate(warehouse: Warehouse, migrations: tuple[Migration, ...]) -> tuple[str, ...]:
    """Create the database and apply what is missing; return the names applied now. Idempotent.

    Raises:
        MigrationsDisagree: an applied file has changed, or one was applied that this release does not know.
        WarehouseUnavailable: try again later; what was applied stays applied.
    """
    settings = warehouse.settings
    if not _DATABASE_NAME.fullmatch(settings.database):
        raise MigrationsDisagree(f"{settings.database!r} cannot be the name of a warehouse database.")
    await warehouse.run_without_database(f"CREATE DATABASE IF NOT EXISTS {settings.database}")
    await warehouse.command(
        "CREATE TABLE IF NOT EXISTS schema_migration (name String, checksum String) "
        "ENGINE = MergeTree ORDER BY name SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"
    )
    applied = dict(await warehouse.query("SELECT name, checksum FROM schema_migration"))
    _check(applied, migrations)
    missing = [migration for migration in migrations if migration.name not in applied]
    for migration in missing:
        for statement in migration.statements(settings):
            await warehouse.command(statement)
        await warehouse.insert_tsv(
            "schema_migration", ["name", "checksum"], f"{migration.name}\t{migration.checksum}\n".encode()
        )
    return tuple(migration.name for migration in missing)


def _check(applied: dict[str, str], migrations: tuple[Migration, ...]) -> None:
    known = {migration.name: migration.checksum for migration in migrations}
    unknown = sorted(applied.keys() - known.keys())
    if unknown:
        raise MigrationsDisagree(
            f"The warehouse was migrated by a newer release ({', '.join(unknown)}). Start that release.",
            message_zh=f"数据仓库已由更新的版本迁移（{', '.join(unknown)}），请使用该版本启动。",
        )
    changed = sorted(name for name, checksum in applied.items() if known[name] != checksum)
    if changed:
        raise MigrationsDisagree(
            f"Applied migrations have changed since: {', '.join(changed)}. Restore the files of the release.",
            message_zh=f"已执行的迁移文件被修改：{', '.join(changed)}，请还原。",
        )


def _local_user(settings: WarehouseSettings) -> str:
    address = settings.address
    if address.is_embedded:
        return ""
    return f"USER {_quoted(address.username)} PASSWORD {_quoted(address.password)}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
