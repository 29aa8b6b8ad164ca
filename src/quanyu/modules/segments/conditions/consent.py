"""Conditions on consent: what somebody said last of a purpose on a channel."""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, StrictStr, model_validator

from quanyu.modules.events.asking.comparisons import Frozen
from quanyu.modules.events.asking.windows import Ever, Window

PURPOSE_PATTERN: Final = r"^[a-z][a-z0-9_]{0,39}$"


class Stance(StrEnum):
    """What somebody said last, if anything."""

    GRANTED = "granted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SILENT = "silent"


class Consented(Frozen):
    """What the person said last, by T, of ``purpose`` on ``channel`` is ``state``.

    Statements about all purposes or all channels count as well. With ``since``, it was said in that window.
    Whether the brand may write also depends on the purpose's basis, which the governor asks.
    """

    kind: Literal["consent"]
    purpose: Annotated[StrictStr, Field(pattern=PURPOSE_PATTERN)]
    channel: Literal["official_account", "mini_program", "wecom", "sms", "email", "call"]
    state: Stance
    since: Window = Ever()

    @model_validator(mode="after")
    def _silence_has_no_beginning(self) -> "Consented":
        if self.state is Stance.SILENT and not isinstance(self.since, Ever):
            raise ValueError("nobody can tell since when somebody said nothing: leave since away")
        return self
