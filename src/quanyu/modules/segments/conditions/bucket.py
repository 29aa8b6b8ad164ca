"""A condition on chance: a share of all people that stays the same."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StrictInt, StrictStr, model_validator

from quanyu.modules.events.asking.comparisons import Frozen

BUCKETS: Final = 10_000


def _plain(salt: str) -> str:
    if any(ord(letter) < 32 for letter in salt):
        raise ValueError("a salt must not contain control characters")
    return salt


class Bucket(Frozen):
    """People whose bucket, 0 to 9,999 by ``salt`` and person, lies in [from, to).

    Whoever others were merged into keeps their own: the bucket follows the person all of them are known as.
    """

    kind: Literal["bucket"]
    salt: Annotated[StrictStr, Field(min_length=1, max_length=100), AfterValidator(_plain)]
    from_: Annotated[StrictInt, Field(alias="from", ge=0, lt=BUCKETS)] = 0
    to: Annotated[StrictInt, Field(ge=1, le=BUCKETS)]

    @model_validator(mode="after")
    def _not_empty(self) -> "Bucket":
        if self.from_ >= self.to:
            raise ValueError("from must be less than to")
        return self
