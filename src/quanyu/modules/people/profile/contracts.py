"""What crosses the boundary of profiles: the history of an attribute, policies, changes by hand."""

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from quanyu.modules.people.contracts import AttributeClass
from quanyu.modules.people.profile.winning import Policy

KEY_CHARS_MAX: Final = 128
VALUE_CHARS_MAX: Final = 4_000
ITEMS_MAX: Final = 100
SOURCES_MAX: Final = 20

AttributeKey = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=KEY_CHARS_MAX)
]
_Text = Annotated[str, StringConstraints(max_length=VALUE_CHARS_MAX)]
_Scalar = bool | int | float | _Text
AttributeValue = _Scalar | Annotated[list[_Scalar], Field(max_length=ITEMS_MAX)] | None


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class StatementView(_Frozen):
    """One value one source told; identifiers are masked. No value: it cleared the attribute."""

    value: Any
    source: str
    first_at: datetime
    last_at: datetime
    replaced_at: datetime | None  # When something else was told; ``None`` while nothing was.
    counts: bool


class AttributeHistory(_Frozen):
    """Everything told of one attribute of one person, the newest first."""

    key: str
    classification: AttributeClass
    policy: Policy
    items: tuple[StatementView, ...]


class AttributePolicyView(_Frozen):
    """Which statement of an attribute counts where several were told."""

    key: str
    policy: Policy
    sources: tuple[str, ...]  # By ``priority``: those that go first.
    actor: str
    changed_at: datetime
    is_recopying: bool  # Segments still follow the change.


class AttributePolicies(_Frozen):
    """The attributes with a policy of their own; of all others the newest statement counts."""

    items: tuple[AttributePolicyView, ...]


class SetAttributePolicy(BaseModel):
    """Say which statement of an attribute counts. ``sources`` are named by ``priority`` alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: AttributeKey
    policy: Policy
    sources: Annotated[tuple[AttributeKey, ...], Field(max_length=SOURCES_MAX)] = ()

    @field_validator("sources")
    @classmethod
    def _each_once(cls, sources: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(sources))


class SetAttribute(BaseModel):
    """Set one attribute by hand; ``None`` clears it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: AttributeKey
    value: AttributeValue
