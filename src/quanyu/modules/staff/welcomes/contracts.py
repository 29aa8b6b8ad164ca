"""Welcomes as people manage them: whom they greet, when, and with which words."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, NewType

from pydantic import Field, StringConstraints, model_validator

from quanyu.modules.staff.welcomes.contents import Address, Frozen, WelcomeContent
from quanyu.modules.staff.welcomes.periods import Period, SpecialDates
from quanyu.modules.staff.welcomes.variables import COUPON_LINK

WelcomeRuleId = NewType("WelcomeRuleId", int)
RULE_PREFIX: Final = "wlc"
RULES_MAX: Final = 1_000  # Of one corp.
TARGETS_MAX: Final = 500
SLOTS_MAX: Final = 20
VARIANTS_MAX: Final = 5

ShortText = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
Default = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]


class Scope(StrEnum):
    """Whom a rule greets for; the order is that of WM-4, the closest first."""

    CODE = "code"
    STORE = "store"
    STAFF = "staff"
    CORP = "corp"


class SlotKind(StrEnum):
    """When a slot of a rule speaks; the order is that of WM-4."""

    SPECIAL = "special"
    PERIODIC = "periodic"
    DEFAULT = "default"


class WelcomeVariant(Frozen):
    """One of several wordings (WM-8); who gets which stays so for good."""

    name: ShortText
    weight: Annotated[int, Field(ge=1, le=100)] = 1
    content: WelcomeContent


class WelcomeSlot(Frozen):
    """What a rule says in one of its periods; without one, whenever no period holds."""

    name: ShortText
    period: Period | None = None
    variants: Annotated[tuple[WelcomeVariant, ...], Field(min_length=1, max_length=VARIANTS_MAX)]

    @model_validator(mode="after")
    def _tells_variants_apart(self) -> "WelcomeSlot":
        if len({variant.name for variant in self.variants}) != len(self.variants):
            raise ValueError("two variants have the same name")
        return self

    @property
    def kind(self) -> SlotKind:
        if self.period is None:
            return SlotKind.DEFAULT
        return SlotKind.SPECIAL if isinstance(self.period, SpecialDates) else SlotKind.PERIODIC


class WelcomeDefaults(Frozen):
    """What stands for a variable that is not known (WM-5)."""

    name: Default = ""
    staff: Default = ""
    store: Default = ""


class WelcomeDraft(Frozen):
    """A rule: for whom, and what in which period. Of several periods that hold the first one speaks."""

    name: ShortText
    corp: Annotated[str, StringConstraints(pattern=r"^wcp_[0-9a-z]{1,13}$")]
    scope: Scope
    # Userids of staff, names of stores, ids of codes (``liv_…``); none for the corp as a whole.
    targets: Annotated[tuple[ShortText, ...], Field(max_length=TARGETS_MAX)] = ()
    enabled: bool = True
    slots: Annotated[tuple[WelcomeSlot, ...], Field(min_length=1, max_length=SLOTS_MAX)]
    defaults: WelcomeDefaults = WelcomeDefaults()
    coupon_link: Address | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> "WelcomeDraft":
        if (self.scope is Scope.CORP) != (not self.targets):
            raise ValueError("name staff, stores or codes for those scopes, and none for the corp")
        if len(set(self.targets)) != len(self.targets):
            raise ValueError("a target is named twice")
        if sum(slot.period is None for slot in self.slots) != 1:
            raise ValueError("exactly one slot is the default, without a period")
        if len({slot.name for slot in self.slots}) != len(self.slots):
            raise ValueError("two slots have the same name")
        reads_link = any(COUPON_LINK in content.variables for content in self.contents)
        if reads_link and self.coupon_link is None:
            raise ValueError("the text uses coupon_link: give its address")
        return self

    @property
    def contents(self) -> tuple[WelcomeContent, ...]:
        """Every wording of every slot."""
        return tuple(variant.content for slot in self.slots for variant in slot.variants)

    @property
    def media(self) -> frozenset[str]:
        """The files it needs, whatever the period."""
        return frozenset(ref for content in self.contents for ref in content.media)


class WelcomeRule(WelcomeDraft):
    """A rule that is kept."""

    id: str
    speaks_now: str = ""  # The slot that would speak at this moment.
    greeted_30d: int = 0
    missing_media: tuple[str, ...] = ()  # Files that are not ready: the fallback would go out.
    created_at: datetime
    updated_at: datetime


class WelcomeRules(Frozen):
    items: tuple[WelcomeRule, ...]
