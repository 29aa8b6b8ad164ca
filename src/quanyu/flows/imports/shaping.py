"""From rows to events by the map: one shaper for rows of people and events, one for orders."""

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

from quanyu.flows.imports.beside import read_beside
from quanyu.flows.imports.cells import (
    ID_CHARS_MAX,
    LATEST,
    NumberReader,
    TextReader,
    TimeReader,
    read_currency,
    scalar_reader,
)
from quanyu.flows.imports.faults import Fault, Reason
from quanyu.flows.imports.judging import PlanJudge
from quanyu.flows.imports.mapping import (
    NAMESPACES,
    CellType,
    Field,
    IdenticalRows,
    ImportKind,
    ImportMap,
    Scalar,
)
from quanyu.flows.imports.prepared import (
    GROUP,
    IDENTIFY,
    TRACK,
    OrderEncoder,
    PreparedEvent,
    row_event,
    told,
)
from quanyu.flows.imports.rules import (
    Line,
    LineKind,
    Name,
    Part,
    assemble,
    line_kind,
    parts_of_amount,
    parts_of_price,
)
from quanyu.flows.imports.table import Table, null_tokens

_KINDS: Final = {ImportKind.PEOPLE: IDENTIFY, ImportKind.COMPANIES: GROUP}
_NAMES: Final = {ImportKind.PEOPLE: "Identify", ImportKind.COMPANIES: "Group"}


@dataclass(slots=True)
class Shaped:
    """What one table of rows became."""

    table: Table
    events: list[PreparedEvent] = field(default_factory=list)
    rows_skipped: int = 0
    rows_repeated: int = 0


class Shaper(ABC):
    """Turns tables of rows into events. All rows of one key must be in the same table."""

    def __init__(self, import_map: ImportMap, *, now: datetime, judge: PlanJudge) -> None:
        self.map = import_map
        self._judge = judge
        self._now = now
        self._nulls = null_tokens(import_map.nulls)

    @property
    @abstractmethod
    def key_columns(self) -> tuple[str, ...]:
        """The columns whose texts decide which rows belong together."""

    def shape(self, raw: pa.Table) -> Shaped:
        """Turn the rows into events; faults stay with the table."""
        shaped = Shaped(Table(raw, self._nulls))
        skipped = shaped.table.passes(self.map.skip)
        kept = [row for row, skip in enumerate(skipped) if not skip or row in shaped.table.damaged]
        shaped.rows_skipped = len(shaped.table) - len(kept)
        self._shape(shaped, kept)
        if shaped.rows_skipped:
            # A row that is not imported cannot be wrong.
            for row in set(shaped.table.faults).difference(kept):
                del shaped.table.faults[row]
        return shaped

    @abstractmethod
    def _shape(self, shaped: Shaped, kept: Sequence[int]) -> None: ...

    def _times(self, table: Table, source: Field) -> list[datetime]:
        # A time that stands in the map itself was checked there.
        now = self._now if source.columns else LATEST
        return table.read(source, TimeReader(self.map.times, source.label, now=now))

    def _names(self, table: Table) -> list[tuple[Name, ...]]:
        """Return the identifiers of each row, strongest first."""
        columns: list[list[tuple[Name, ...]]] = []
        for one in sorted(self.map.identifiers, key=lambda named: NAMESPACES.index(named.namespace)):
            source = Field(key=one.namespace, columns=(one.column,))
            values: list[str | None] = table.read(source, TextReader(one.column, chars_max=ID_CHARS_MAX))
            known: dict[str | None, tuple[Name, ...]] = {
                value: (Name(one.namespace, one.scope, value),) if isinstance(value, str) else ()
                for value in set(values)
            }
            columns.append([known[value] for value in values])
        if len(columns) == 1:
            return columns[0]
        return [sum(row, ()) for row in zip(*columns, strict=True)] if columns else [()] * len(table)

    def _scalars(self, table: Table, fields: Sequence[Field]) -> list[tuple[Scalar | None, ...]]:
        columns = [self._scalar(table, one) for one in fields]
        return list(zip(*columns, strict=True)) if columns else [()] * len(table)

    def _scalar(self, table: Table, source: Field) -> list[Scalar | None]:
        if not source.columns:
            return [source.constant] * len(table)
        reader = scalar_reader(source, numbers=self.map.numbers, times=self.map.times, now=self._now)
        return table.read(source, reader)


class RowShaper(Shaper):
    """People, events and companies: one event per row."""

    @property
    def key_columns(self) -> tuple[str, ...]:
        # Rows that state the same must meet, so that repetitions are seen.
        return self.map.columns()

    @property
    def _told(self) -> tuple[Field, ...]:
        """A row of companies is a group call: its id stands among what it states."""
        return (*self.map.properties, self.map.company) if self.map.company else self.map.properties

    def _shape(self, shaped: Shaped, kept: Sequence[int]) -> None:
        table = shaped.table
        columns = zip(
            self._event_names(table),
            self._names(table),
            self._times(table, self.map.time),
            self._scalars(table, self.map.traits),
            self._scalars(table, self._told),
            self._scalars(table, self.map.context),
            self._message_ids(table),
            strict=True,
        )
        beside = read_beside(self.map, table)
        rows: list[tuple[Any, ...]] = list(columns)
        seen: Counter[str] = Counter()
        for row in kept:
            if not rows[row][1] and self.map.kind is not ImportKind.COMPANIES:
                table.reject(row, Fault(Reason.NO_IDENTIFIER))
            if row not in table.faults:
                event = self._event(*rows[row])
                if unplanned := self._judge.fault(event):
                    table.reject(row, unplanned)
                    continue
                for one in (event, *(beside.events(row, event) if beside else ())):
                    self._add(shaped, one, seen)

    def _event(
        self,
        name: str,
        names: tuple[Name, ...],
        occurred_at: datetime,
        traits: tuple[Scalar | None, ...],
        properties: tuple[Scalar | None, ...],
        context: tuple[str | None, ...],
        message_id: str | None,
    ) -> PreparedEvent:
        return row_event(
            kind=_KINDS.get(self.map.kind, TRACK),
            name=name,
            names=names,
            occurred_at=occurred_at,
            traits=told(tuple(one.key for one in self.map.traits), traits),
            properties=told(tuple(one.key for one in self._told), properties),
            context=told(tuple(one.key for one in self.map.context), context),
            message_id=message_id,
        )

    def _add(self, shaped: Shaped, event: PreparedEvent, seen: Counter[str]) -> None:
        """Keep the event; a row that states the same again counts once, unless the map says otherwise."""
        seen[event.message_id] += 1
        times = seen[event.message_id]
        if times > 1:
            rules = self.map.event
            if rules is None or rules.message_id or rules.identical_rows is IdenticalRows.ONCE:
                # What a row of people says beside the identify call is counted with that.
                shaped.rows_repeated += rules is not None or event.kind == IDENTIFY
                return
            event.message_id = f"{event.message_id}:{times}"
        shaped.events.append(event)

    def _event_names(self, table: Table) -> list[str]:
        if self.map.event is None:
            return [_NAMES[self.map.kind]] * len(table)
        name = self.map.event.name
        return table.read(name, TextReader(name.label, chars_max=ID_CHARS_MAX))

    def _message_ids(self, table: Table) -> Sequence[str | None]:
        source = self.map.event.message_id if self.map.event else None
        if source is None:
            return [None] * len(table)
        return table.read(source, TextReader(source.label, chars_max=ID_CHARS_MAX))


class OrderShaper(Shaper):
    """Orders: the rows of one order id become what the order says."""

    def __init__(self, import_map: ImportMap, *, now: datetime, judge: PlanJudge) -> None:
        super().__init__(import_map, now=now, judge=judge)
        assert import_map.orders is not None
        assert import_map.lines is not None
        assert import_map.currency is not None
        self._orders, self._lines, self._currency = import_map.orders, import_map.lines, import_map.currency
        self._encoder = OrderEncoder(import_map)

    @property
    def key_columns(self) -> tuple[str, ...]:
        return self._orders.id_columns

    def _shape(self, shaped: Shaped, kept: Sequence[int]) -> None:
        table = shaped.table
        groups: defaultdict[str, list[int]] = defaultdict(list)
        order_ids = table.joined(self._orders.id_columns, "-")
        lines = self._read_lines(table)
        for row in kept:
            order_id = order_ids[row]
            if order_id is None:
                table.reject(row, Fault(Reason.MISSING, " + ".join(self._orders.id_columns)))
            elif len(order_id) > ID_CHARS_MAX:
                table.reject(row, Fault(Reason.TOO_LONG, " + ".join(self._orders.id_columns)))
            else:
                groups[order_id].append(row)
        for order_id, rows in groups.items():
            self._order(shaped, order_id, rows, lines)

    def _order(self, shaped: Shaped, order_id: str, rows: list[int], lines: Sequence[Line]) -> None:
        if self._orders.is_numbered:
            self._numbered(shaped, order_id, rows, lines)
            return
        if any(row in shaped.table.faults for row in rows):
            self._reject(shaped.table, rows, Fault(Reason.ORDER_LINE))
            return
        self._assemble(shaped, order_id, rows, lines)

    def _numbered(self, shaped: Shaped, base: str, rows: list[int], lines: Sequence[Line]) -> None:
        """Rows that share all we have for an id are orders of their own, numbered by what they state."""
        sound = [row for row in rows if row not in shaped.table.faults]
        sound.sort(key=lambda row: _content(lines[row]))
        for number, row in enumerate(sound, start=1):
            self._assemble(shaped, f"{base}-{number}", [row], lines)

    def _assemble(self, shaped: Shaped, order_id: str, rows: list[int], lines: Sequence[Line]) -> None:
        facts = assemble(order_id, [lines[row] for row in rows], credit=self._orders.credit_quantities)
        if isinstance(facts, Fault):
            self._reject(shaped.table, rows, facts)
            return
        events = [self._encoder.encode(fact) for fact in facts]
        unplanned = [fault for event in events if (fault := self._judge.fault(event))]
        if unplanned:
            self._reject(shaped.table, rows, unplanned[0])
            return
        shaped.events.extend(events)

    def _reject(self, table: Table, rows: Sequence[int], fault: Fault) -> None:
        for row in rows:
            table.reject(row, fault)

    def _read_lines(self, table: Table) -> list[Line]:
        currency = self._currency
        parts = self._parts(table)
        columns = zip(
            self._kinds(table, parts),
            self._times(table, self.map.time),
            self._numbers(table),
            self._products(table),
            parts,
            self._names(table),
            table.read(currency, read_currency(currency.label)),
            self._scalars(table, self.map.properties),
            self._scalars(table, self.map.context),
            self._returned_times(table),
            strict=True,
        )
        return [Line(*cells) for cells in columns]

    def _products(self, table: Table) -> list[tuple[str, ...]]:
        columns: list[list[str]] = []
        for source in self._lines.products:
            texts = self._scalar(table, source)
            known = {text: text if isinstance(text, str) else "" for text in set(texts)}
            columns.append([known[text] for text in texts])
        return list(zip(*columns, strict=True)) if columns else [()] * len(table)

    def _kinds(self, table: Table, parts: Sequence[tuple[Part, ...]]) -> list[LineKind]:
        marks = zip(
            table.passes(self._orders.credit_note), table.passes(self._orders.returned), parts, strict=True
        )
        return [
            line_kind(
                is_credit=is_credit,
                is_returned=is_returned,
                is_negative=bool(own) and own[0].quantity < 0,
                negative_lines=self._orders.negative_lines,
            )
            for is_credit, is_returned, own in marks
        ]

    def _parts(self, table: Table) -> list[tuple[Part, ...]]:
        quantities = self._decimals(table, self._lines.quantity)
        known: dict[tuple[Any, Any], tuple[Part, ...]] = {}
        money = self._lines.price or self._lines.amount
        assert money is not None
        split = parts_of_price if self._lines.price else parts_of_amount
        parts = []
        for row, pair in enumerate(zip(quantities, self._decimals(table, money), strict=True)):
            made = known.get(pair)
            if made is None:
                sound = row not in table.faults
                found = split(*pair) if sound else ()
                if found is None:
                    table.reject(row, Fault(Reason.ALLOCATION, money.label))
                made = found or ()
                if made:
                    known[pair] = made
            parts.append(made)
        return parts

    def _decimals(self, table: Table, source: Field) -> list[Decimal]:
        if not source.columns:
            return [Decimal(str(source.constant))] * len(table)
        return table.read(source, NumberReader(self.map.numbers, source.label))

    def _numbers(self, table: Table) -> list[Decimal]:
        if self._lines.number is None:
            return [Decimal(0)] * len(table)
        source = Field(key="number", columns=(self._lines.number,), type=CellType.NUMBER, is_required=True)
        return self._decimals(table, source)

    def _returned_times(self, table: Table) -> Sequence[datetime | None]:
        if not self._orders.returned_time:
            return [None] * len(table)
        source = Field(key="returned", columns=self._orders.returned_time, type=CellType.TIME)
        return self._times(table, source)


def _content(line: Line) -> tuple[Any, ...]:
    """Order rows by what they state, so that the order of the file does not matter."""
    return (
        line.occurred_at,
        line.number,
        line.product,
        line.parts,
        line.kind,
        line.names,
        line.currency,
        repr(line.properties),
        repr(line.context),
    )


def shaper_of(import_map: ImportMap, *, now: datetime, judge: PlanJudge) -> Shaper:
    """Return the shaper of the map's kind."""
    if import_map.kind is ImportKind.ORDERS:
        return OrderShaper(import_map, now=now, judge=judge)
    return RowShaper(import_map, now=now, judge=judge)
