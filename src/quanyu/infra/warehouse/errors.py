"""Failures of the warehouse: away for now, or our own question was wrong."""

import re

from clickhouse_connect.driver.exceptions import (
    ClickHouseError,
    DatabaseError,
    DataError,
    NotSupportedError,
    ProgrammingError,
)

from quanyu.kernel.errors import AppError, ErrorKind, InvalidInput, Unavailable


class WarehouseUnavailable(Unavailable):
    """The warehouse cannot be reached, is out of room or overloaded. Acceptance goes on; try again later."""

    code = "warehouse.unavailable"


class WarehouseLimitExceeded(WarehouseUnavailable):
    """One statement took more time or memory than it may; a smaller one, or later, may work."""

    code = "warehouse.limit_exceeded"


class WarehouseRefused(AppError):
    """The warehouse understood and said no: a defect in the statement or its data."""

    kind = ErrorKind.CONFLICT
    code = "warehouse.refused"

    def __init__(self, message: str, *, error_code: int, error_name: str) -> None:
        super().__init__(message, error_code=error_code, error_name=error_name)
        self.error_code = error_code  # Of ClickHouse's own numbering.
        self.error_name = error_name


class MissingTenantFilter(AppError):
    """A statement at the tenant's gate does not name ``{tenant:UInt32}``."""

    kind = ErrorKind.FORBIDDEN
    code = "warehouse.missing_tenant_filter"


class InvalidAddress(InvalidInput):
    """The warehouse address is neither ``chdb:///path`` nor ``http(s)://…``."""

    code = "warehouse.invalid_address"


# Numbers of ClickHouse's src/Common/ErrorCodes.cpp.
_LIMITS = frozenset({158, 159, 160, 241, 307, 394, 396})
_AWAY = frozenset(
    {
        3,  # UNEXPECTED_END_OF_FILE: the connection or the disk gave out
        74,  # CANNOT_READ_FROM_FILE_DESCRIPTOR
        75,  # CANNOT_WRITE_TO_FILE_DESCRIPTOR
        76,  # CANNOT_OPEN_FILE
        198,  # DNS_ERROR
        202,  # TOO_MANY_SIMULTANEOUS_QUERIES
        203,  # NO_FREE_CONNECTION
        209,  # SOCKET_TIMEOUT
        210,  # NETWORK_ERROR
        236,  # ABORTED: shutting down
        242,  # TABLE_IS_READ_ONLY
        243,  # NOT_ENOUGH_SPACE
        252,  # TOO_MANY_PARTS: merges are behind
        279,  # ALL_CONNECTION_TRIES_FAILED
        425,  # SYSTEM_ERROR
        516,  # AUTHENTICATION_FAILED: the password changed; events wait until it is set right
        1001,  # STD_EXCEPTION: among others, no space left while writing
    }
)
_CODE = re.compile(r"Code: (\d+)")
_NAME = re.compile(r"\(([A-Z][A-Z0-9_]+)\)")


def translate(error: Exception) -> AppError:
    """Return our error for one of the driver's: its number and name, since its text quotes data."""
    text = str(error)
    code = _code_of(error, text)
    names = _NAME.findall(text)
    name = names[-1] if names else type(error).__name__
    if code in _LIMITS:
        return WarehouseLimitExceeded(
            f"The warehouse stopped a statement at its limit: {name} ({code}).",
            message_zh=f"数据仓库语句超出资源限制：{name}（{code}）。",
        )
    our_mistake = isinstance(error, (ProgrammingError, DataError, NotSupportedError))
    if code in _AWAY or (code == 0 and not our_mistake):
        reason = f"{name} ({code})" if code else name
        return WarehouseUnavailable(
            f"The warehouse is not available: {reason}. Accepted events wait in the log.",
            message_zh=f"数据仓库暂不可用：{reason}。已接收的事件会保留在日志中。",
        )
    return WarehouseRefused(
        f"The warehouse refused a statement: {name} ({code}).", error_code=code, error_name=name
    )


def _code_of(error: Exception, text: str) -> int:
    if isinstance(error, DatabaseError) and error.code:
        return int(error.code)
    found = _CODE.search(text)
    return int(found.group(1)) if found else 0


DRIVER_ERRORS: tuple[type[Exception], ...] = (ClickHouseError, OSError)
