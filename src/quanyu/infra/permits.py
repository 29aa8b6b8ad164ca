"""Who may pass a route: every router names what it asks for, in one line.

    routes = APIRouter(prefix="/api/v1/segments", dependencies=[permits.SEGMENTS])

Methods that read ask for the first permission of the pair, all others for the second. A single route says
otherwise with a mark under its decorator: ``@permits.reads`` for a POST that only asks something,
``@permits.needs(Permission.…)`` for one that asks for something else. ``tests/architecture`` fails for a
route that names nothing.

The gate also says what goes into the audit log: every change, and what ``@permits.noted`` marks.
"""

from collections.abc import AsyncIterator, Callable
from typing import Any, Final, TypeVar

from fastapi import Depends, Request
from starlette.routing import BaseRoute

from quanyu.infra import auditing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.web import CurrentCaller
from quanyu.kernel.errors import AppError, ErrorKind
from quanyu.kernel.permissions import WORDS, Permission

_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_MARK: Final = "__quanyu_permit__"
_NOTED: Final = "__quanyu_noted__"
_Endpoint = TypeVar("_Endpoint", bound=Callable[..., Any])


class PermissionMissing(AppError):
    """The caller is known, and their role does not allow this."""

    kind = ErrorKind.FORBIDDEN
    code = "access.forbidden"


class PeopleOnly(AppError):
    """A program asks for what only somebody signed in to the console does."""

    kind = ErrorKind.FORBIDDEN
    code = "access.people_only"


class Gate:
    """Lets a caller pass who has what the route asks for; without permissions named, everybody signed in."""

    def __init__(
        self, read: Permission | None, change: Permission | None, *, people_only: bool = False
    ) -> None:
        self._read = read
        self._change = change
        self._people_only = people_only

    async def __call__(self, request: Request, caller: CurrentCaller) -> AsyncIterator[None]:
        """Check one request, and see to it that what it does is noted.

        Raises:
            PermissionMissing: the caller's role does not have the permission; the answer names it.
            PeopleOnly
        """
        if self._people_only and caller.is_program:
            raise PeopleOnly(
                "an API token cannot do this; sign in to the console",
                message_zh="API 令牌不能执行此操作，请登录控制台",
            )
        endpoint = request.scope["endpoint"]
        needed = self.needed(request.method, endpoint)
        if needed is not None and not caller.may(needed):
            raise missing(needed)
        uows: UnitOfWorkFactory = request.app.state.uows
        if is_noted(request.method, endpoint):
            who = (caller.user_id, caller.name, caller.role)
            auditing.remember(request, await auditing.describe(request, needed, who=who, at=uows.clock.now()))
        yield
        await auditing.note_apart(uows, caller.tenant_id, request)

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


def noted(endpoint: _Endpoint) -> _Endpoint:
    """Mark a reading that goes into the audit log: an opened profile, a file that is taken."""
    setattr(endpoint, _NOTED, True)
    return endpoint


def is_noted(method: str, endpoint: Callable[..., Any]) -> bool:
    """Whether the audit log keeps a call: every change, and the readings that are marked."""
    changes = method not in _READING and getattr(endpoint, _MARK, None) != "reads"
    return changes or hasattr(endpoint, _NOTED)


def gate_of(route: BaseRoute) -> Gate | None:
    """Return the gate a route declares, if any."""
    for dependency in getattr(route, "dependencies", ()):
        if isinstance(dependency.dependency, Gate):
            return dependency.dependency
    return None


def _gate(read: Permission | None, change: Permission | None, *, people_only: bool = False) -> Any:
    # The function scope ends before the answer is sent: an answer means that the deed is noted.
    return Depends(Gate(read, change, people_only=people_only), scope="function")


_P = Permission
SIGNED_IN: Final = _gate(None, None)
PERSON: Final = _gate(None, None, people_only=True)
PEOPLE: Final = _gate(_P.PEOPLE_READ, _P.PEOPLE_WRITE)
SEGMENTS: Final = _gate(_P.SEGMENTS_READ, _P.SEGMENTS_WRITE)
INSIGHT: Final = _gate(_P.INSIGHT_READ, _P.INSIGHT_WRITE)
WAREHOUSE: Final = _gate(_P.WAREHOUSE_SQL, _P.WAREHOUSE_SQL)
JOURNEYS: Final = _gate(_P.JOURNEYS_READ, _P.JOURNEYS_WRITE)
EXPERIMENTS: Final = _gate(_P.EXPERIMENTS_READ, _P.EXPERIMENTS_WRITE)
MESSAGES: Final = _gate(_P.MESSAGES_READ, _P.MESSAGES_SEND)
FORMS: Final = _gate(_P.FORMS_READ, _P.FORMS_WRITE)
WECOM: Final = _gate(_P.WECOM_READ, _P.WECOM_WRITE)
CHANNELS: Final = _gate(_P.CHANNELS_READ, _P.CHANNELS_WRITE)
PAYMENTS: Final = _gate(_P.PAYMENTS_READ, _P.PAYMENTS_WRITE)
CONSENT: Final = _gate(_P.CONSENT_READ, _P.CONSENT_WRITE)
RIGHTS: Final = _gate(_P.RIGHTS_READ, _P.RIGHTS_MANAGE)
EVENTS: Final = _gate(_P.EVENTS_READ, _P.EVENTS_WRITE)
IMPORTS: Final = _gate(_P.IMPORTS_READ, _P.IMPORTS_WRITE)
SETTINGS: Final = _gate(_P.SETTINGS_READ, _P.SETTINGS_WRITE)
ACCESS: Final = _gate(_P.ACCESS_MANAGE, _P.ACCESS_MANAGE)
EXPORTS: Final = _gate(_P.PEOPLE_EXPORT, _P.PEOPLE_EXPORT)
AUDIT: Final = _gate(_P.AUDIT_READ, _P.AUDIT_READ)
