"""The typed tree of a segment: groups over conditions, told apart by ``kind``.

A new kind of condition is a model in ``conditions``, a member of ``Condition``, a case in the compiler and a
case in the oracle; nothing else changes.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, StrictStr, TypeAdapter, ValidationError

from quanyu.kernel.ids import InvalidId, decode_id
from quanyu.modules.events.asking.comparisons import Comparison, Frozen
from quanyu.modules.events.asking.fields import AttributeKey
from quanyu.modules.people.tags.contracts import TAG_PREFIX
from quanyu.modules.segments.conditions.bucket import Bucket
from quanyu.modules.segments.conditions.company import OfCompany
from quanyu.modules.segments.conditions.consent import Consented
from quanyu.modules.segments.conditions.dates import DateTest
from quanyu.modules.segments.conditions.facts import Aggregate, At, Event, Function, Recency
from quanyu.modules.segments.conditions.habits import Regular, Restarted, Stopped
from quanyu.modules.segments.conditions.listed import InList
from quanyu.modules.segments.conditions.membership import InSegment, Moved, Relation
from quanyu.modules.segments.conditions.sequence import Sequence
from quanyu.modules.segments.errors import InvalidDefinition

__all__ = [
    "Aggregate",
    "All",
    "Any_",
    "At",
    "Attribute",
    "Bucket",
    "Condition",
    "Consented",
    "DateTest",
    "Event",
    "Function",
    "InList",
    "InSegment",
    "Moved",
    "Not",
    "OfCompany",
    "Recency",
    "Regular",
    "Relation",
    "Restarted",
    "Sequence",
    "Stopped",
    "Tag",
    "conditions_of",
    "definition_schema",
    "dump_definition",
    "parse_definition",
]

DEPTH_MAX: Final = 16
CONDITIONS_MAX: Final = 200


class Attribute(Comparison):
    """Compares one attribute of the person, for example ``city``; dots reach into objects."""

    kind: Literal["attribute"]
    key: AttributeKey


TAGS_MAX: Final = 50


def _tag_id(text: str) -> str:
    try:
        decode_id(TAG_PREFIX, text)
    except InvalidId as error:
        raise ValueError(f"{text[:40]!r} is not the id of a tag ({TAG_PREFIX}_…)") from error
    return text


TagId = Annotated[StrictStr, Field(max_length=40), AfterValidator(_tag_id)]


class Tag(Frozen):
    """The person carries at least one of the tags, all of them, or none of them."""

    kind: Literal["tag"]
    op: Literal["any", "all", "none"] = "any"
    tags: Annotated[tuple[TagId, ...], Field(min_length=1, max_length=TAGS_MAX)]

    @property
    def numbers(self) -> tuple[int, ...]:
        """The tags as the warehouse knows them, each once."""
        return tuple(dict.fromkeys(decode_id(TAG_PREFIX, tag) for tag in self.tags))


class All(Frozen):
    """People in every part; without parts, everyone."""

    kind: Literal["all"]
    of: tuple["Condition", ...]


class Any_(Frozen):
    """People in at least one part; without parts, nobody."""

    kind: Literal["any"]
    of: tuple["Condition", ...]


class Not(Frozen):
    """All living profiles that are not in the part."""

    kind: Literal["not"]
    of: "Condition"


Condition = Annotated[
    All
    | Any_
    | Not
    | Attribute
    | Tag
    | Event
    | Recency
    | Aggregate
    | Stopped
    | Restarted
    | Regular
    | Sequence
    | Bucket
    | DateTest
    | InSegment
    | Moved
    | InList
    | Relation
    | OfCompany
    | Consented,
    Field(discriminator="kind"),
]

for _group in (All, Any_, Not):
    _group.model_rebuild()

_ADAPTER: Final[TypeAdapter[Condition]] = TypeAdapter(Condition)


def parse_definition(raw: object) -> Condition:
    """Read a definition as it came in JSON.

    Raises:
        InvalidDefinition: too deep, too large, or not such a tree; says where and why.
    """
    _check_size(raw)
    try:
        return _ADAPTER.validate_python(raw)
    except ValidationError as error:
        where, reason = _explain(error)
        raise InvalidDefinition(
            f"{where}: {reason}", message_zh=f"分群定义有误（{where}）：{reason}", path=where
        ) from error


# What a value of several possible types failed as: the most telling attempt is the one of its own type.
_WRONG_TYPE: Final = frozenset({"string_type", "bool_type", "int_type", "float_type", "tuple_type"})


def _explain(error: ValidationError) -> tuple[str, str]:
    """Return where the definition is wrong and why, from pydantic's list of attempts."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    best = next((one for one in found if one["type"] not in _WRONG_TYPE), found[0])
    parts: list[str] = []
    for part in best["loc"]:
        parts.append(str(part))
        if part in ("value", "name"):
            break  # What follows names types of ours, not places in the definition.
    reason = best["msg"].removeprefix("Value error, ")
    if parts[-1:] == ["value"] and best["type"] in _WRONG_TYPE:
        reason = "a value is a text, a finite number, true, false, or a list of them"
    return ".".join(parts) or "definition", reason


def dump_definition(definition: Condition) -> dict[str, Any]:
    """Write a definition as JSON-ready data; ``parse_definition`` reads it back."""
    dumped: dict[str, Any] = _ADAPTER.dump_python(definition, mode="json", exclude_none=True)
    return dumped


def definition_schema() -> dict[str, Any]:
    """Return the JSON schema of a definition."""
    return _ADAPTER.json_schema(by_alias=True)


def conditions_of(definition: Condition) -> Iterator[Condition]:
    """Yield every node, groups included, parents first."""
    yield definition
    match definition:
        case All() | Any_():
            for part in definition.of:
                yield from conditions_of(part)
        case Not():
            yield from conditions_of(definition.of)


def _check_size(raw: object) -> None:
    """Refuse trees too deep or too large before they cost anything."""
    level: list[Any] = [raw]
    nodes = 0
    for _ in range(DEPTH_MAX):
        nodes += len(level)
        if nodes > CONDITIONS_MAX:
            raise InvalidDefinition(
                f"a definition has at most {CONDITIONS_MAX} conditions",
                message_zh=f"一个分群最多 {CONDITIONS_MAX} 个条件",
            )
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    raise InvalidDefinition(
        f"a definition is nested at most {DEPTH_MAX} levels deep",
        message_zh=f"分群条件最多嵌套 {DEPTH_MAX} 层",
    )


def _children(node: Any) -> list[Any]:
    """Return the parts of a group; an aggregate's ``of`` is a value, counted with its parent."""
    if not isinstance(node, dict) or node.get("kind") not in ("all", "any", "not"):
        return []
    of = node.get("of")
    if isinstance(of, list):
        return of
    return [] if of is None else [of]
