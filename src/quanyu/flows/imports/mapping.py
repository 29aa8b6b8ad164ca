"""What a map says, as plain data. ``mapfile`` reads it; everything after that follows it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from quanyu.modules.people.consent.contracts import ConsentChannel

Scalar = str | int | float | bool

# The identifiers people are known by; each is a namespace of the identity graph.
NAMESPACES: Final = (
    "unionid",
    "openid",
    "external_userid",
    "user_id",
    "member_no",
    "phone",
    "email",
    "device",
    "anonymous_id",
)
CONTEXT_KEYS: Final = (
    "channel",
    "app",
    "scene",
    "source_code",
    "campaign",
    "content",
    "staff",
    "store",
    "group_id",
    "session",
    "device",
)
TAG_SEPARATORS: Final = ",，;；、|"
PRODUCT_KEYS: Final = ("product_id", "sku", "name", "category", "brand", "variant", "coupon")


class ImportKind(StrEnum):
    """What the rows of a file are."""

    PEOPLE = "people"
    EVENTS = "events"
    ORDERS = "orders"
    COMPANIES = "companies"


class CellType(StrEnum):
    """What a cell's text is read as."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    DATE = "date"  # A day of the calendar, without a zone: a birthday.


class FileKind(StrEnum):
    """File formats we read; each may be compressed with gzip."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


class Ambiguous(StrEnum):
    """What a local time means that happens twice when summer time ends."""

    EARLIER = "earlier"
    LATER = "later"
    REJECT = "reject"


class Nonexistent(StrEnum):
    """What a local time means that is skipped when summer time starts."""

    SHIFT = "shift"  # As much later as the clocks moved.
    REJECT = "reject"


class Decimals(StrEnum):
    """What happens to an amount with more than four decimals."""

    REJECT = "reject"
    ROUND = "round"  # Half to even.


class NegativeLines(StrEnum):
    """What a sale line with a negative quantity is."""

    KEEP = "keep"  # An adjustment inside the order, kept as it is.
    REFUND = "refund"  # Something given back: it goes to the order's refund.


class CreditQuantities(StrEnum):
    """How a credit note writes what was given back."""

    SIGNED = "signed"  # Its quantities or amounts are negative already.
    UNSIGNED = "unsigned"  # They are positive and are turned.


class IdenticalRows(StrEnum):
    """What rows of events mean that state exactly the same."""

    ONCE = "once"
    EACH = "each"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """How the bytes of the file become rows."""

    kind: FileKind | None = None  # None: by the file's name.
    delimiter: str = ""  # One character, or "whitespace"; empty: a tab for .tsv, else a comma.
    quote: str = '"'
    encoding: str = "utf-8"
    header: bool = True
    columns: tuple[str, ...] = ()  # Names of the columns when there is no header line.
    sheet: str | None = None
    skip_rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFormat:
    """How numbers are written."""

    decimal_comma: bool = False
    thousands: str = ""
    decimals: Decimals = Decimals.REJECT


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeFormat:
    """How times are written, and what local times without an offset mean."""

    zone: str = "UTC"
    formats: tuple[str, ...] = ()
    ambiguous: Ambiguous = Ambiguous.EARLIER
    nonexistent: Nonexistent = Nonexistent.SHIFT


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Where a value comes from: a column (several are joined by a blank), or the same for every row."""

    key: str
    columns: tuple[str, ...] = ()
    constant: Scalar | None = None
    type: CellType = CellType.TEXT
    is_required: bool = False

    @property
    def label(self) -> str:
        """The columns as the file names them."""
        return " + ".join(self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierField:
    """A column that says who the row is about."""

    namespace: str
    scope: str
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TagField:
    """A column that names tags of one group, several set apart by any of ``separators``."""

    group: str
    column: str
    separators: str = TAG_SEPARATORS


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentField:
    """A column that says yes or no to a purpose; an empty cell says nothing."""

    purpose: str
    channel: ConsentChannel
    answer: Field


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTest:
    """A yes or no about a row: the column's text is one of ``values`` or starts with a prefix."""

    column: str
    values: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()

    def holds(self, text: str | None) -> bool:
        """Whether the row whose cell has this text passes."""
        if text is None:
            return False
        return text in self.values or (bool(self.prefixes) and text.startswith(self.prefixes))


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRules:
    """What each row of an events file is."""

    name: Field
    message_id: Field | None = None
    identical_rows: IdenticalRows = IdenticalRows.ONCE


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRules:
    """How rows become orders."""

    id_columns: tuple[str, ...]
    is_numbered: bool = False  # The id columns repeat: orders of the same id are told apart by a number.
    credit_note: RowTest | None = None  # The row itself gives money back.
    credit_quantities: CreditQuantities = CreditQuantities.SIGNED
    returned: RowTest | None = None  # The row is a sale that was given back later.
    returned_time: tuple[str, ...] = ()
    negative_lines: NegativeLines = NegativeLines.KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRules:
    """Where a line's product, quantity and money are."""

    products: tuple[Field, ...] = ()
    number: str | None = None
    quantity: Field = field(default_factory=lambda: Field(key="quantity", constant=1, type=CellType.NUMBER))
    price: Field | None = None  # Of one unit; either this or ``amount``.
    amount: Field | None = None  # Of the whole line.


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMap:
    """One map: everything that turns a file of a known shape into events."""

    kind: ImportKind
    source: str
    time: Field
    times: TimeFormat
    identifiers: tuple[IdentifierField, ...]
    file: FileFormat = FileFormat()
    numbers: NumberFormat = NumberFormat()
    nulls: tuple[str, ...] = ("",)
    rejects_max_share: float = 0.5  # With a larger share of rejected rows nothing is written.
    currency: Field | None = None
    skip: RowTest | None = None
    traits: tuple[Field, ...] = ()
    tags: tuple[TagField, ...] = ()
    consents: tuple[ConsentField, ...] = ()
    properties: tuple[Field, ...] = ()
    context: tuple[Field, ...] = ()
    event: EventRules | None = None
    company: Field | None = None  # The external id of the company a row is about.
    orders: OrderRules | None = None
    lines: LineRules | None = None

    def columns(self) -> tuple[str, ...]:
        """Every column of the file the map speaks of, each once, in the order of the map."""
        named: list[str] = [*self.time.columns, *(one.column for one in self.identifiers)]
        named += [one.column for one in self.tags]
        fields = [*self.traits, *self.properties, *self.context, *(one.answer for one in self.consents)]
        tests = [self.skip]
        if self.currency:
            fields.append(self.currency)
        if self.company:
            fields.append(self.company)
        if self.event:
            fields += [self.event.name, *([self.event.message_id] if self.event.message_id else [])]
        if self.orders:
            named += [*self.orders.id_columns, *self.orders.returned_time]
            tests += [self.orders.credit_note, self.orders.returned]
        if self.lines:
            fields += [*self.lines.products, self.lines.quantity]
            fields += [one for one in (self.lines.price, self.lines.amount) if one]
            named += [self.lines.number] if self.lines.number else []
        named += [column for one in fields for column in one.columns]
        named += [test.column for test in tests if test]
        return tuple(dict.fromkeys(named))
