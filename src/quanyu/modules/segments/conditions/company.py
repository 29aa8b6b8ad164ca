"""A condition on belonging to a company account: as a contact, of what company."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StrictStr

from quanyu.kernel.ids import InvalidId, decode_id
from quanyu.modules.events.asking.comparisons import Comparison, Frozen
from quanyu.modules.events.asking.fields import AttributeKey
from quanyu.modules.events.asking.filters import FILTERS_MAX
from quanyu.modules.people.companies.contracts import ROLES_MAX, Role

ACCOUNT_SEGMENT_PREFIX: Final = "aseg"


def _account_segment_id(text: str) -> str:
    try:
        decode_id(ACCOUNT_SEGMENT_PREFIX, text)
    except InvalidId as error:
        raise ValueError(
            f"{text[:40]!r} is not the id of a segment of companies ({ACCOUNT_SEGMENT_PREFIX}_…)"
        ) from error
    return text


class CompanyTest(Comparison):
    """Compares an attribute of the company, or its ``name``, ``domain``, ``owner`` or ``external_id``."""

    key: AttributeKey


class OfCompany(Frozen):
    """The person is, now, a contact of a company: with one of ``roles`` there, if any are named.

    The very same company meets every test of ``where``, and is a stored member of ``segment``.
    """

    kind: Literal["company_contact"]
    roles: Annotated[tuple[Role, ...], Field(max_length=ROLES_MAX)] = ()
    where: Annotated[tuple[CompanyTest, ...], Field(max_length=FILTERS_MAX)] = ()
    segment: Annotated[StrictStr, Field(max_length=40), AfterValidator(_account_segment_id)] | None = None

    @property
    def number(self) -> int | None:
        """The segment of companies as the databases know it."""
        return None if self.segment is None else decode_id(ACCOUNT_SEGMENT_PREFIX, self.segment)
