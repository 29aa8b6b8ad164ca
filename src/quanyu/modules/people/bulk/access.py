"""What jobs need beside the permission to change people: that of what they reach into."""

from typing import Final

from quanyu.infra import permits
from quanyu.infra.web import Caller
from quanyu.kernel.permissions import Permission

_NEEDED: Final = {"list": Permission.SEGMENTS_WRITE, "journey": Permission.JOURNEYS_WRITE}


def require_for(caller: Caller, kind: str) -> None:
    """Raise ``PermissionMissing`` for whoever may not do what a job of this kind does."""
    needed = _NEEDED.get(kind)
    if needed is not None and not caller.may(needed):
        raise permits.missing(needed)
