"""What crosses the boundary of the model's settings."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints


def check_base_url(text: str) -> str:
    """Return an endpoint's address without a slash at its end.

    Raises:
        ValueError: it is none, or says more than where the endpoint is.
    """
    parts = urlsplit(text)  # A port that is no number raises ValueError by itself.
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError("give an address such as https://api.example.com/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("the address holds a user, a question or a fragment; give the key by itself")
    return text.rstrip("/")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


Price = Annotated[Decimal, Field(ge=0, lt=10**9, decimal_places=4)]


class SaveModel(BaseModel):
    """Choose a model. ``api_key`` left out keeps the one there is; empty takes it away."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    base_url: Annotated[str, StringConstraints(max_length=300), AfterValidator(check_base_url)]
    model: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f]+$")]
    api_key: Annotated[str, StringConstraints(max_length=500, pattern=r"^[\x21-\x7e]*$")] | None = Field(
        default=None, repr=False
    )
    timeout_s: Annotated[int, Field(ge=1, le=120)] = 30
    price_in: Price = Decimal(0)  # What a million tokens cost.
    price_out: Price = Decimal(0)
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "CNY"
    daily_tokens_max: Annotated[int, Field(ge=0, le=10**12)] = 0  # 0: no limit.


class UsageRow(_Frozen):
    """What drafting used on one day of the brand."""

    day: date
    what: str
    calls: int
    failures: int
    tokens_in: int
    tokens_out: int
    cost: Decimal


class ModelView(_Frozen):
    """The chosen model; its key is never shown."""

    base_url: str
    model: str
    has_key: bool
    timeout_s: int
    price_in: Decimal
    price_out: Decimal
    currency: str
    daily_tokens_max: int
    updated_at: datetime


class ModelSettings(_Frozen):
    """The model, if one is chosen, and what was used in the last 30 days, newest first."""

    model: ModelView | None
    usage: tuple[UsageRow, ...]


class ModelCheck(_Frozen):
    """Whether the model answers as it should."""

    ok: bool
    took_ms: int
    zh: str
    en: str
