"""Who may pass a route: every router names what it asks for, in one line.

    routes = APIRouter(prefix="/api/v1/segments", dependencies=[permits.SEGMENTS])

Methods that read ask for the first permission of the pair, all others for the second. A single route says
otherwise with a mark under its decorator: ``@permits.reads`` for a POST that only asks something,
``@permits.needs(Permission.…)`` for one that asks for something else. ``tests/architecture`` fails for a
route that names nothing.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from fastapi import Depends, Request
from starlette.routing import BaseRoute

from quanyu.infra.web import CurrentCaller
from quanyu.kernel.errors import AppError, ErrorKind
from quanyu.kernel.permissions import WORDS, Permission

_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_MARK: Final = "__quanyu_permit__"
_Endpoint = TypeVar("_Endpoint", bound=Callable[..., Any])


class PermissionMissing(AppError):
    """The caller is known, and their role does not allow this."""

    kind = ErrorKind.FORBIDDEN
    code = "access.forbidden"


class Gate:
    """Lets a caller pass who has what the route asks for; without permissions named, everybody signed in."""

    def __init__(self, read: Permission | None, change: Permission | None) -> None:
        self._read = read
        self._change = change

    async def __call__(self, request: Request, caller: CurrentCaller) -> None:
        """Check one request.

        Raises:
            PermissionMissing: the caller's role does not have the permission; the answer names it.
        """
        needed = self.needed(request.method, request.scope["endpoint"])
        if needed is not None and not caller.may(needed):
            raise missing(needed)

    def needed(self, method: str, endpoint: Callable[..., Any]) -> Permission | None:
        """Return what a route asks for, or ``None`` if everybody signed in may pass."""
        mark = getattr(endpoint, _MARK, None)
        if isinstance(mark, Permission):
            return mark
        return self._read if method in _READING or mark == "reads" else self._change


def missing(permission: Permission) -> PermissionMissing:
    """Return the refusal that names what is missing, in both languages."""
    words = WORDS[permission]
    return PermissionMissing(
        f"your role does not have the permission {permission.value} ({words.en}); "
        "somebody who manages members can give it to you",
        message_zh=f"您的角色没有「{words.zh}」权限（{permission.value}），请联系管理成员与角色的同事开通",
        permission=permission.value,
    )


def reads(endpoint: _Endpoint) -> _Endpoint:
    """Mark a route that only asks something, whatever its method."""
    setattr(endpoint, _MARK, "reads")
    return endpoint


def needs(permission: Permission) -> Callable[[_Endpoint], _Endpoint]:
    """Mark a route that asks for something else than its router says."""

    def mark(endpoint: _Endpoint) -> _Endpoint:
        setattr(endpoint, _MARK, permission)
        return endpoint

    return mark


def gate_of(route: BaseRoute) -> Gate | None:
    """Return the gate a route declares, if any."""
    for dependency in getattr(route, "dependencies", ()):
        if isinstance(dependency.dependency, Gate):
            return dependency.dependency
    return None


_P = Permission
SIGNED_IN: Final = Depends(Gate(None, None))
PEOPLE: Final = Depends(Gate(_P.PEOPLE_READ, _P.PEOPLE_WRITE))
SEGMENTS: Final = Depends(Gate(_P.SEGMENTS_READ, _P.SEGMENTS_WRITE))
INSIGHT: Final = Depends(Gate(_P.INSIGHT_READ, _P.INSIGHT_WRITE))
WAREHOUSE: Final = Depends(Gate(_P.WAREHOUSE_SQL, _P.WAREHOUSE_SQL))
JOURNEYS: Final = Depends(Gate(_P.JOURNEYS_READ, _P.JOURNEYS_WRITE))
EXPERIMENTS: Final = Depends(Gate(_P.EXPERIMENTS_READ, _P.EXPERIMENTS_WRITE))
MESSAGES: Final = Depends(Gate(_P.MESSAGES_READ, _P.MESSAGES_SEND))
FORMS: Final = Depends(Gate(_P.FORMS_READ, _P.FORMS_WRITE))
WECOM: Final = Depends(Gate(_P.WECOM_READ, _P.WECOM_WRITE))
CHANNELS: Final = Depends(Gate(_P.CHANNELS_READ, _P.CHANNELS_WRITE))
PAYMENTS: Final = Depends(Gate(_P.PAYMENTS_READ, _P.PAYMENTS_WRITE))
CONSENT: Final = Depends(Gate(_P.CONSENT_READ, _P.CONSENT_WRITE))
RIGHTS: Final = Depends(Gate(_P.RIGHTS_READ, _P.RIGHTS_MANAGE))
EVENTS: Final = Depends(Gate(_P.EVENTS_READ, _P.EVENTS_WRITE))
IMPORTS: Final = Depends(Gate(_P.IMPORTS_READ, _P.IMPORTS_WRITE))
SETTINGS: Final = Depends(Gate(_P.SETTINGS_READ, _P.SETTINGS_WRITE))
ACCESS: Final = Depends(Gate(_P.ACCESS_MANAGE, _P.ACCESS_MANAGE))
EXPORTS: Final = Depends(Gate(_P.PEOPLE_EXPORT, _P.PEOPLE_EXPORT))
AUDIT: Final = Depends(Gate(_P.AUDIT_READ, _P.AUDIT_READ))
