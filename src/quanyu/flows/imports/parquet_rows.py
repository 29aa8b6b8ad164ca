"""Rows of a Parquet file. Floats become the shortest text that reads back as the same float."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from quanyu.flows.imports.arrow import Column
from quanyu.flows.imports.arrow import compute as pc
from quanyu.flows.imports.rows import BATCH_ROWS, header_names, schema_of, unusable


class ParquetRows:
    """An open Parquet file; rows are numbered from 1."""

    def __init__(self, path: Path, *, shown: Path) -> None:
        self._shown = str(shown)
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            raise unusable(
                self._shown, zh=f"不是有效的 Parquet：{error}", en=f"not a valid Parquet file: {error}"
            ) from error
        self.names, self.repeated = header_names(self._file.schema_arrow.names, file=self._shown)
        self.rows_total: int | None = self._file.metadata.num_rows
        self._rows_read = 0

    def __enter__(self) -> "ParquetRows":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def share_read(self) -> float:
        """How much of the file was read, from 0 to 1."""
        return self._rows_read / self.rows_total if self.rows_total else 1.0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Read the rows once, from the first to the last."""
        schema = schema_of(self.names)
        try:
            for batch in self._file.iter_batches(batch_size=BATCH_ROWS, use_threads=False):
                first = self._rows_read + 1
                self._rows_read += batch.num_rows
                numbers = pa.array(range(first, self._rows_read + 1), pa.int64())
                cells = [as_text(column) for column in batch.columns]
                damage = pa.nulls(batch.num_rows, pa.string())
                yield pa.RecordBatch.from_arrays([*cells, numbers, damage], schema=schema)
        except (pa.ArrowException, OSError) as error:
            raise unusable(
                self._shown, zh=f"Parquet 已损坏：{error}", en=f"the Parquet data is damaged: {error}"
            ) from error


def as_text(column: Column) -> Column:
    """Write every value of a column as text; missing values and NaN become null."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(column.dictionary_decode())
    if pa.types.is_timestamp(kind):
        return _instants(column)
    if pa.types.is_date(kind):
        return pc.strftime(pc.cast(column, pa.timestamp("us")), "%Y-%m-%dT%H:%M:%S")
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_nan(column), None, pc.cast(column, pa.string()))
    if pa.types.is_nested(kind):
        texts = [None if one is None else json.dumps(one, default=str) for one in column.to_pylist()]
        return pa.array(texts, pa.string())
    return pc.cast(column, pa.string())


def _instants(column: Column) -> Column:
    has_zone = column.type.tz is not None
    micros = pc.cast(column, pa.timestamp("us", column.type.tz), safe=False)
    texts = pc.strftime(pc.cast(micros, pa.timestamp("us")), "%Y-%m-%dT%H:%M:%S")
    return pc.binary_join_element_wise(texts, "+00:00", "") if has_zone else texts
