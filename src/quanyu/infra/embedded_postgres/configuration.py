"""The server's configuration files, written anew at each start: nobody edits them by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from quanyu.infra.embedded_postgres.account import ServerAccount

SUPERUSER = "postgres"
PEER_MAP = "quanyu"

# Sized for two cores and a small idle footprint, with full durability.
BASE_SETTINGS: Mapping[str, str] = {
    "max_connections": "80",
    "shared_buffers": "80MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "96MB",
    "huge_pages": "off",
    "jit": "off",
    "io_method": "sync",  # The default keeps three idle worker processes.
    "max_worker_processes": "4",
    "max_logical_replication_workers": "0",
    # Parallel plans would take shared memory that containers keep short, and the second core.
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    "max_wal_senders": "2",
    "wal_compression": "pglz",
    "wal_buffers": "8MB",
    "min_wal_size": "160MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "random_page_cost": "1.1",
    "autovacuum_max_workers": "2",
    "autovacuum_vacuum_cost_delay": "2ms",
    "default_toast_compression": "pglz",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "datestyle": "ISO, YMD",
    "lc_messages": "C",
    "password_encryption": "scram-sha-256",
    "unix_socket_permissions": "0700",
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",  # A week of days, each overwritten in its turn.
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_startup_progress_interval": "1s",
    "log_autovacuum_min_duration": "10s",
    # Rows hold personal data: neither statements, nor parameters, nor error details go to the log.
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}


@dataclass(frozen=True, slots=True)
class ServerConfiguration:
    """What differs from server to server."""

    socket_directory: Path
    log_directory: Path
    port: int = 5432
    listen_tcp: bool = False
    overrides: Mapping[str, str] = field(default_factory=dict)

    def postgresql_conf(self) -> str:
        settings = dict(BASE_SETTINGS)
        settings["listen_addresses"] = "127.0.0.1, ::1" if self.listen_tcp else ""
        settings["port"] = str(self.port)
        settings["unix_socket_directories"] = str(self.socket_directory)
        settings["log_directory"] = str(self.log_directory)
        settings.update(self.overrides)
        lines = [f"{name} = {_quoted(value)}" for name, value in sorted(settings.items())]
        return "# Written by Quanyu at each start; changes made here are lost.\n" + "\n".join(lines) + "\n"

    def pg_hba_conf(self) -> str:
        """Only operating-system peers become superuser; our three roles bring a password."""
        lines = [
            f"local  all          {SUPERUSER}  peer map={PEER_MAP}",
            f"local  replication  {SUPERUSER}  peer map={PEER_MAP}",
            f"host   all          {SUPERUSER}  all  reject",
            "local  all          all       scram-sha-256",
        ]
        if self.listen_tcp:
            lines += [f"host   all          all       {address}  scram-sha-256" for address in _LOOPBACK]
        return "\n".join(lines) + "\n"

    def pg_ident_conf(self, account: ServerAccount, client: str) -> str:
        names = sorted({account.name, client})
        return "".join(f'{PEER_MAP}  "{name}"  {SUPERUSER}\n' for name in names)


_LOOPBACK = ("127.0.0.1/32", "::1/128")


def _quoted(value: str) -> str:
    doubled = value.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"
