"""Telling what will pass from what will not."""

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from quanyu.kernel.errors import AppError, ErrorKind

_OF_THE_DATA = (psycopg.DataError, psycopg.IntegrityError)


def is_passing(error: BaseException) -> bool:
    """Tell whether nothing is wrong with the data at hand: something is away, busy, or broken as a whole.

    The database says which it was: a value it cannot take, or a row that contradicts another, belongs to
    the data. Everything else it reports (no connection, a lock, a time limit, a missing table) would hit
    everybody, so nobody must pay for it.
    """
    if isinstance(error, DBAPIError):
        return not isinstance(error.orig, _OF_THE_DATA)
    if isinstance(error, psycopg.Error):
        return not isinstance(error, _OF_THE_DATA)
    if isinstance(error, AppError):
        return error.kind in (ErrorKind.UNAVAILABLE, ErrorKind.RATE_LIMITED)
    return isinstance(error, SQLAlchemyError | OSError | TimeoutError)


def is_expected(error: BaseException) -> bool:
    """Tell whether its kind says enough for the log; everything else is a defect and shows where it is."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(cause, AppError | psycopg.OperationalError | psycopg.InterfaceError | OSError)


def kind_of(error: BaseException) -> str:
    """Name an error for the log: never its text, which may quote people's data."""
    return error.code if isinstance(error, AppError) else type(error).__name__
