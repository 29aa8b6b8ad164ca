"""Laws of files: rows in any order, on either side of any part or chunk, give the same events."""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quanyu.flows.imports import chunks, prepare, spill
from support.imports import ORDERS_MAP, lines, prepared

rows = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.sampled_from(["A", "B", '"C, c"']),
        st.integers(-3, 9),
        st.sampled_from(["10:00", "10:01"]),
        st.sampled_from(["1.5", "0.001", "20"]),
    ),
    min_size=1,
    max_size=40,
)


def row_text(row: tuple[int, str, int, str, str]) -> str:
    order, sku, quantity, time, price = row
    return f"{order},{sku},Tea,{quantity},2024-05-01 {time},{price},u{order},UK"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows, seed=st.integers(0, 2**32), parts=st.integers(1, 5), chunk=st.integers(1, 5))
def test_neither_order_nor_division_matters(
    rows: list[tuple[int, str, int, str, str]],
    seed: int,
    parts: int,
    chunk: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [row_text(row) for row in rows]
    with tempfile.TemporaryDirectory() as directory:
        plain, divided = Path(directory, "plain"), Path(directory, "divided")
        plain.mkdir()
        divided.mkdir()
        manifest, events = prepared(plain, lines(*texts), ORDERS_MAP)
        random.Random(seed).shuffle(texts)
        with monkeypatch.context() as patch:
            patch.setattr(prepare, "parts_for", lambda _: parts)
            patch.setattr(spill, "_BUFFER_BYTES", 200)
            patch.setattr(chunks, "CHUNK_EVENTS_MAX", chunk)
            divided_manifest, divided_events = prepared(divided, lines(*texts), ORDERS_MAP)

    assert divided_manifest.chunks == -(-len(events) // chunk)
    assert divided_manifest.rows == manifest.rows == len(rows)
    assert sorted(divided_events, key=_key) == sorted(events, key=_key)
    assert [event.occurred_ms for event in divided_events] == sorted(e.occurred_ms for e in events)


def _key(event: object) -> str:
    return str(getattr(event, "message_id", ""))
