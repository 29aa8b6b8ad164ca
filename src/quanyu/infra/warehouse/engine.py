"""Opening clients: the same driver for the engine in this process and for a server."""

import math
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from quanyu.infra.data_directory import make_private
from quanyu.infra.secret_file import write_secret
from quanyu.infra.warehouse.settings import Address, WarehouseSettings

# JSON text stays what it was: no strings that happen to look like dates become dates. Times come as
# PostgreSQL prints them.
INSERT_SETTINGS: dict[str, str | int] = {
    "input_format_try_infer_dates": 0,
    "input_format_try_infer_datetimes": 0,
    # {"a.b": 1, "a": {"b": 2}} says one thing twice: the first counts, rather than nothing of the batch.
    "type_json_skip_duplicated_paths": 1,
    "date_time_input_format": "best_effort",
    "max_insert_threads": 1,
}


def open_client(settings: WarehouseSettings) -> Client:
    """Open one client. It serves one thread at a time; opening another one of the same engine is cheap."""
    address = settings.address
    if address.path is not None:
        return clickhouse_connect.get_client(
            interface="chdb",
            path=str(address.path),
            tz_mode="aware",
            chdb_options={"config-file": _write_engine_config(settings)},
        )
    return _open_server_client(settings, address)


def _open_server_client(settings: WarehouseSettings, address: Address) -> Client:
    return clickhouse_connect.get_client(
        host=address.host,
        port=address.port,
        username=address.username,
        password=address.password,
        secure=address.secure,
        tz_mode="aware",
        connect_timeout=settings.connect_limit_s,
        # Between two bytes. From this the driver also derives how often the server has to report progress.
        send_receive_timeout=math.ceil(
            min(settings.limits.time_s + settings.answer_slack_s, settings.silence_limit_s)
        ),
        autogenerate_session_id=False,
        client_name="quanyu",
    )


def _write_engine_config(settings: WarehouseSettings) -> str:
    """Write the embedded engine's configuration beside its data and return the path.

    The caches are small because the page cache of the operating system serves the same reads.
    """
    path = settings.address.path
    assert path is not None
    make_private(path)
    values = {
        "max_server_memory_usage": settings.memory_bytes,
        "mark_cache_size": 64 * 2**20,
        "index_mark_cache_size": 16 * 2**20,
        "primary_index_cache_size": 64 * 2**20,
        "uncompressed_cache_size": 0,
        "mmap_cache_size": 0,
        "max_thread_pool_size": 200,
        "max_concurrent_queries": 64,
        "background_pool_size": 2,
        "asynchronous_metrics_update_period_s": 30,
        "asynchronous_heavy_metrics_update_period_s": 600,
        "backup_threads": 2,
        "restore_threads": 2,
    }
    lines = [f"<{name}>{value}</{name}>" for name, value in values.items()]
    if settings.backups is not None:
        if not settings.backups.is_dir():  # A restore may read from a medium nobody can write.
            make_private(settings.backups)
        allowed = escape(str(settings.backups))
        lines.append(f"<backups><allowed_path>{allowed}</allowed_path></backups>")
    config = path.with_name(f"{path.name}-engine.xml")
    content = "<clickhouse>\n" + "\n".join(lines) + "\n</clickhouse>\n"
    if not config.exists() or config.read_text() != content:
        write_secret(config, content.encode())
    return str(config)


def statement_settings(settings: WarehouseSettings, *, threads: int, time_s: float) -> dict[str, Any]:
    """Return the limits every statement carries."""
    return {
        "max_threads": threads,
        "max_execution_time": time_s,
        "max_memory_usage": settings.query_memory_bytes,
    }


def table_filters(database: str, conditions: Mapping[str, str]) -> str:
    """Return the value of ``additional_table_filters``: which rows of which table a statement may see."""
    pairs = (f"{_quoted(f'{database}.{table}')}: {_quoted(text)}" for table, text in conditions.items())
    return f"{{{', '.join(pairs)}}}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
