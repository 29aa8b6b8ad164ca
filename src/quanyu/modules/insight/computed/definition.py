"""What a computed attribute is: a figure of events, a formula over others, or a place among people."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    Field,
    StrictFloat,
    StrictInt,
    StrictStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from quanyu.modules.events.asking.comparisons import Frozen
from quanyu.modules.events.asking.facts import Each, Facts, FieldValue, ProductValue
from quanyu.modules.events.asking.fields import PROPERTY_PREFIX, FieldType, field_type, is_item_field
from quanyu.modules.events.asking.windows import RollingWindow
from quanyu.modules.insight.computed.errors import InvalidComputed
from quanyu.modules.insight.computed.values import ValueType
from quanyu.modules.people.service import asked_instead, is_sealed_property

ATTRIBUTES_MAX: Final = 100  # Of one brand.
WINDOW_MAX: Final = timedelta(days=1_100)  # Of a rolling window; longer ones are "ever".
TOP_MAX: Final = 10
KEY_PATTERN: Final = r"^[a-z][a-z0-9_]{0,39}$"


class Figure(StrEnum):
    """What is computed over a person's facts. Who has none of them has no value."""

    COUNT = "count"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    PERCENTILE = "percentile"
    FIRST = "first"
    LAST = "last"
    MOST_FREQUENT = "most_frequent"
    DISTINCT = "distinct"
    FIRST_AT = "first_at"
    LAST_AT = "last_at"
    DAYS_SINCE_FIRST = "days_since_first"
    DAYS_SINCE_LAST = "days_since_last"


OF_TIMES: Final = frozenset(
    {Figure.FIRST_AT, Figure.LAST_AT, Figure.DAYS_SINCE_FIRST, Figure.DAYS_SINCE_LAST}
)
OF_NUMBERS: Final = frozenset({Figure.SUM, Figure.AVG, Figure.MIN, Figure.MAX, Figure.PERCENTILE})
OF_DAYS: Final = frozenset({Figure.DAYS_SINCE_FIRST, Figure.DAYS_SINCE_LAST})


class EventFigure(Facts):
    """A figure of the person's events (or their lines) in a window.

    ``as_type`` says how a property of any type is read by first, last and most frequent.
    """

    kind: Literal["events"]
    figure: Figure
    of: Annotated[FieldValue | ProductValue, Field(discriminator="kind")] | None = None
    as_type: Literal["text", "number", "bool"] = "text"
    percent: Annotated[StrictInt | StrictFloat, Field(ge=0, le=100)] = 50
    top: Annotated[StrictInt, Field(ge=1, le=TOP_MAX)] = 1

    @model_validator(mode="after")
    def _parts_fit(self) -> "EventFigure":
        needs_field = self.figure not in OF_TIMES and self.figure is not Figure.COUNT
        if needs_field and self.of is None:
            raise ValueError(f"{self.figure} needs a field: which value is it of?")
        if self.figure in OF_TIMES and self.of is not None:
            raise ValueError(f"{self.figure} is about when events were; it takes no field")
        if isinstance(self.of, ProductValue) and self.figure not in OF_NUMBERS:
            raise ValueError(f"{self.figure} takes a field, not a product")
        field = self.of.field if isinstance(self.of, FieldValue) else None
        if field is not None and self.figure in OF_NUMBERS and field_type(field) is FieldType.TEXT:
            raise ValueError(f"{field} holds text; {self.figure} needs numbers")
        if self.top > 1 and self.figure is not Figure.MOST_FREQUENT:
            raise ValueError("top is for most_frequent")
        if isinstance(self.window, RollingWindow) and self.window.span > WINDOW_MAX:
            raise ValueError(f"a rolling window is at most {WINDOW_MAX.days} days; use ever for longer")
        return self

    def fields_read(self) -> tuple[str, ...]:
        of = () if self.of is None else (self.of.field,) if isinstance(self.of, FieldValue) else self.of.of
        return (*(test.field for test in self.where), *of)

    @property
    def value_type(self) -> ValueType:
        """The type of its values."""
        if self.figure in (Figure.FIRST_AT, Figure.LAST_AT):
            return ValueType.TIME
        if self.figure is Figure.MOST_FREQUENT and self.top > 1:
            return ValueType.LIST
        if self.figure in (Figure.FIRST, Figure.LAST, Figure.MOST_FREQUENT):
            assert isinstance(self.of, FieldValue)
            match field_type(self.of.field):
                case FieldType.TEXT:
                    return ValueType.TEXT
                case FieldType.DECIMAL:
                    return ValueType.NUMBER
                case FieldType.ANY:
                    return ValueType(self.as_type)
        return ValueType.NUMBER


class Formula(Frozen):
    """A formula over other attributes (docs/reference/computed-attributes.md)."""

    kind: Literal["formula"]
    text: Annotated[StrictStr, Field(max_length=2_000)]


def _key(text: str) -> str:
    return text.removeprefix("computed.")


class Rank(Frozen):
    """The person's place among all who have a value of another computed attribute, from 0 to 100.

    The share of the others with a smaller value, in per cent, cut to a whole number; alone it is 100.
    """

    kind: Literal["rank"]
    of: Annotated[StrictStr, Field(max_length=60), AfterValidator(_key)]


Definition = EventFigure | Formula | Rank
_ADAPTER: Final[TypeAdapter[Definition]] = TypeAdapter(Annotated[Definition, Field(discriminator="kind")])


def parse_definition(raw: object) -> Definition:
    """Read a definition as it came in JSON.

    Raises:
        InvalidComputed: it is none; says where and why.
    """
    try:
        return _ADAPTER.validate_python(raw)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in found["loc"]) or "definition"
        reason = found["msg"].removeprefix("Value error, ")
        raise InvalidComputed(
            f"{where}: {reason}", message_zh=f"计算属性定义有误（{where}）：{reason}", path=where
        ) from error


def read_definition(raw: object) -> Definition:
    """Read a definition somebody wrote, and refuse one that reads what is sealed.

    Raises:
        InvalidComputed: it is none, or reads an identifier or a name.
    """
    definition = parse_definition(raw)
    if isinstance(definition, EventFigure):
        for field in definition.fields_read():
            _check_field(field, definition.each)
    return definition


def dump_definition(definition: Definition) -> dict[str, Any]:
    """Write a definition as JSON-ready data; ``parse_definition`` reads it back."""
    dumped: dict[str, Any] = _ADAPTER.dump_python(definition, mode="json", exclude_none=True)
    return dumped


def check_key(key: str) -> None:
    """Refuse a key whose words name somebody: such attributes are sealed.

    Raises:
        InvalidComputed: choose another word.
    """
    if asked_instead(f"computed.{key}") is not None:
        raise InvalidComputed(
            f"{key} is a word for an identifier or a name; choose another key",
            message_zh=f"{key} 是标识或姓名类词语，请换一个标识名",
            path="key",
        )


def _check_field(field: str, each: Each) -> None:
    if is_item_field(field) and each is Each.EVENT:
        raise InvalidComputed(
            f'{field} belongs to a line item; say "each": "items"',
            message_zh=f"{field} 属于订单行，请选择按订单行计算",
            path="each",
        )
    if field.startswith(PROPERTY_PREFIX) and is_sealed_property(field.removeprefix(PROPERTY_PREFIX)):
        raise InvalidComputed(
            f"{field} tells who somebody is: it is sealed and cannot be computed with",
            message_zh=f"{field} 属于个人标识，已加密，不能用于计算",
            path="of",
        )
