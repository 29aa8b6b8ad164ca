"""The typed tree of an account segment: groups over conditions on a company and on its people."""

import json
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, model_validator

from quanyu.modules.events.asking.comparisons import Comparison, Frozen, NumberTest, Operator
from quanyu.modules.people.companies.contracts import Key, Role
from quanyu.modules.segments.askable import read_definition
from quanyu.modules.segments.conditions.facts import Aggregate, Event, Function
from quanyu.modules.segments.errors import InvalidDefinition
from quanyu.modules.segments.tree import Condition

DEPTH_MAX: Final = 8
CONDITIONS_MAX: Final = 50
QUESTIONS_MAX: Final = 10  # Of history: each is one question to the warehouse.
ROLES_MAX: Final = 10


def _counts(test: NumberTest) -> NumberTest:
    if any(literal != int(literal) or literal < 0 for literal in test.literals):
        raise ValueError("a count is a whole number, zero or more")
    return test


class CompanyIs(Comparison):
    """Compares an attribute of the company, or its ``name``, ``domain``, ``owner`` or ``external_id``."""

    kind: Literal["company"]
    key: Key


class _OfPeople(Frozen):
    """Looks at contacts of now: with one of ``roles`` (any, if none); ``with_below``, of all below too."""

    roles: Annotated[tuple[Role, ...], Field(max_length=ROLES_MAX)] = ()
    with_below: bool = False


class Contacts(_OfPeople):
    """How many people are contacts, of those who meet ``who`` where it is given; each person once."""

    kind: Literal["contacts"]
    who: Condition | None = None
    count: Annotated[NumberTest, AfterValidator(_counts)] = NumberTest(op=Operator.GTE, value=1)


class ContactFacts(_OfPeople):
    """What the people did together: so many events, or a sum or count over them; each person once."""

    kind: Literal["contact_facts"]
    measure: Annotated[Event | Aggregate, Field(discriminator="kind")]

    @model_validator(mode="after")
    def _adds_up(self) -> "ContactFacts":
        if isinstance(self.measure, Aggregate) and self.measure.function not in (
            Function.SUM,
            Function.COUNT,
        ):
            raise ValueError("over several people only sum and count add up")
        return self


class AccountAll(Frozen):
    """Companies in every part; without parts, all of them."""

    kind: Literal["all"]
    of: tuple["AccountCondition", ...]


class AccountAny(Frozen):
    """Companies in at least one part; without parts, none."""

    kind: Literal["any"]
    of: tuple["AccountCondition", ...]


class AccountNot(Frozen):
    """All companies that are not in the part."""

    kind: Literal["not"]
    of: "AccountCondition"


AccountCondition = Annotated[
    AccountAll | AccountAny | AccountNot | CompanyIs | Contacts | ContactFacts, Field(discriminator="kind")
]
for _group in (AccountAll, AccountAny, AccountNot):
    _group.model_rebuild()
_ADAPTER: Final[TypeAdapter[AccountCondition]] = TypeAdapter(AccountCondition)


def parse_account_definition(raw: object) -> AccountCondition:
    """Read a definition as it came in JSON; its questions about people are checked like those of segments.

    Raises:
        InvalidDefinition: too deep, too large, or not such a tree, or it asks what is sealed.
    """
    _check_size(raw)
    for who in _people_parts(raw):
        read_definition(who)
    try:
        made = _ADAPTER.validate_python(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "definition"
        raise InvalidDefinition(
            f"{where}: {first['msg']}", message_zh=f"企业分群定义有误（{where}）：{first['msg']}", path=where
        ) from error
    if sum(1 for _ in questions_of(made)) > QUESTIONS_MAX:
        raise InvalidDefinition(
            f"a definition asks at most {QUESTIONS_MAX} questions about people",
            message_zh=f"一个企业分群最多 {QUESTIONS_MAX} 个关于联系人行为的条件",
        )
    return made


def dump_account_definition(definition: AccountCondition) -> dict[str, Any]:
    """Write a definition as JSON-ready data; ``parse_account_definition`` reads it back."""
    dumped: dict[str, Any] = _ADAPTER.dump_python(definition, mode="json", exclude_none=True)
    return dumped


def conditions_of(definition: AccountCondition) -> Iterator[AccountCondition]:
    """Yield every node, groups included, parents first."""
    yield definition
    match definition:
        case AccountAll() | AccountAny():
            for part in definition.of:
                yield from conditions_of(part)
        case AccountNot():
            yield from conditions_of(definition.of)


def questions_of(definition: AccountCondition) -> Iterator[Contacts | ContactFacts]:
    """Yield the conditions that ask the warehouse."""
    for node in conditions_of(definition):
        if isinstance(node, ContactFacts) or (isinstance(node, Contacts) and node.who is not None):
            yield node


def question_key(node: Contacts | ContactFacts) -> str:
    """Return what two equal questions share: their answer is asked for once."""
    asked = node.measure if isinstance(node, ContactFacts) else node.who
    assert asked is not None
    return f"{node.kind}:{json.dumps(asked.model_dump(mode='json'), sort_keys=True)}"


def _people_parts(raw: Any) -> Iterator[Any]:
    if not isinstance(raw, dict):
        return
    if raw.get("kind") == "contacts" and raw.get("who") is not None:
        yield raw["who"]
    if raw.get("kind") == "contact_facts" and raw.get("measure") is not None:
        yield raw["measure"]
    parts = raw.get("of")
    for part in parts if isinstance(parts, list) else [parts]:
        yield from _people_parts(part)


def _check_size(raw: object) -> None:
    level: list[Any] = [raw]
    nodes = 0
    for _ in range(DEPTH_MAX):
        nodes += len(level)
        level = [child for node in level for child in _children(node)]
        if not level and nodes <= CONDITIONS_MAX:
            return
    raise InvalidDefinition(
        f"a definition has at most {CONDITIONS_MAX} conditions, {DEPTH_MAX} levels deep",
        message_zh=f"一个企业分群最多 {CONDITIONS_MAX} 个条件、{DEPTH_MAX} 层",
    )


def _children(node: Any) -> list[Any]:
    if not isinstance(node, dict) or node.get("kind") not in ("all", "any", "not"):
        return []
    of = node.get("of")
    return of if isinstance(of, list) else [] if of is None else [of]
