"""What crosses the boundary of the open warehouse."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from quanyu.modules.insight.open_warehouse.asking import TEXT_MAX

Sql = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_MAX)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class ColumnView(_Frozen):
    """One column of a documented view."""

    name: str
    type: str
    description: str
    description_zh: str


class WarehouseView(_Frozen):
    """One documented view."""

    name: str
    description: str
    description_zh: str
    columns: tuple[ColumnView, ...]


class Limits(_Frozen):
    """What one question may use: rows shown, rows of a file, seconds, bytes of memory."""

    rows: int
    file_rows: int
    time_s: float
    memory_bytes: int


class OpenWarehouse(_Frozen):
    """All that may be asked, and within which limits."""

    views: tuple[WarehouseView, ...]
    limits: Limits


class AskSql(_Frozen):
    """A question: one SELECT over the documented views."""

    sql: Sql


class FileFormat(StrEnum):
    """How an answer is taken out."""

    PARQUET = "parquet"
    CSV = "csv"


class ExportSql(AskSql):
    """A question whose answer is a file."""

    format: FileFormat = FileFormat.PARQUET


class AnswerColumn(_Frozen):
    """One column of an answer."""

    name: str
    type: str


class SqlAnswer(_Frozen):
    """The first rows of an answer; numbers that JSON cannot hold exactly, times and amounts are text.

    ``is_cut`` says that there are more rows than shown.
    """

    columns: tuple[AnswerColumn, ...]
    rows: tuple[tuple[object, ...], ...]
    is_cut: bool
    took_ms: int


class SaveQuery(_Frozen):
    """A question to keep."""

    name: Name
    sql: Sql


class SavedQuery(SaveQuery):
    """A kept question."""

    id: str
    saved_by: str
    saved_at: datetime


class SavedQueries(_Frozen):
    """Every kept question, by name."""

    items: tuple[SavedQuery, ...] = Field(max_length=1000)
