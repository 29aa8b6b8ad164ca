"""Ids as they are shown outside."""

from quanyu.kernel.ids import decode_id
from quanyu.modules.staff.codes.contracts import CODE_PREFIX
from quanyu.modules.staff.codes.states import LiveCodeId


def read_code_id(text: str) -> LiveCodeId:
    """Read an id as shown outside (``liv_…``).

    Raises:
        InvalidId: it is none.
    """
    return LiveCodeId(decode_id(CODE_PREFIX, text))
