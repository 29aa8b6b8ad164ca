"""What a role allows: pure."""

from collections.abc import Iterable

from quanyu.kernel.permissions import ROLES, Permission, Role

_KNOWN = {permission.value: permission for permission in Permission}


def permissions_of(role: str, custom: Iterable[str] | None) -> frozenset[Permission]:
    """Return what a role allows: one built in, or the brand's own with the permissions stored for it.

    A role nobody knows allows nothing; a permission that later releases no longer have is passed over.
    """
    if role in set(Role):
        return ROLES[Role(role)]
    return frozenset(_KNOWN[name] for name in custom or () if name in _KNOWN)
