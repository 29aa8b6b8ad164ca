"""The definition of a list: whoever its entries name. It stands alone; other segments ask by ``segment``."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StrictStr

from quanyu.kernel.ids import InvalidId, decode_id
from quanyu.modules.events.asking.comparisons import Frozen

LIST_PREFIX: Final = "lst"


def _list_id(text: str) -> str:
    try:
        decode_id(LIST_PREFIX, text)
    except InvalidId as error:
        raise ValueError(f"{text[:40]!r} is not the id of a list ({LIST_PREFIX}_…)") from error
    return text


class InList(Frozen):
    """The person is named by an entry of a list."""

    kind: Literal["list"]
    list: Annotated[StrictStr, Field(max_length=40), AfterValidator(_list_id)]

    @property
    def number(self) -> int:
        """The list as the databases know it."""
        return decode_id(LIST_PREFIX, self.list)
