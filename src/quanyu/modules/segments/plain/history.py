"""What the plain evaluator knows of people: their events and line items."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryItem:
    """One line item; texts may be empty, ``occurred_at`` may be absent."""

    price: Decimal = Decimal(0)
    quantity: Decimal = Decimal(0)
    occurred_at: datetime | None = None
    texts: Mapping[str, str] = field(default_factory=dict)  # sku, category, brand …


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """One event as the history keeps it; ``person`` is that of its first resolution, 0 is nobody."""

    person: int
    name: str
    occurred_at: datetime
    properties: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)  # order_id, currency, context.channel …
    revenue: Decimal | None = None
    quantity: Decimal | None = None
    items: tuple[HistoryItem, ...] = ()
    position: int = 0  # Which of several at one instant arrived later.
