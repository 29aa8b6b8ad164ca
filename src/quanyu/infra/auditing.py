"""What callers do: every change, and every reading that a route marks, is noted by the commit that does it.

The gate of a route (``infra.permits``) describes the deed before the endpoint runs; the request's unit of
work writes it down with whatever the endpoint does. A refused or failed request did nothing and leaves none.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec
from fastapi import Request
from starlette.routing import BaseRoute

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.kernel.permissions import Permission

# Of what was sent, only these are kept word for word; all others by the name of the field alone.
_SAID: Final = ("reason", "role", "state", "key", "enabled", "format", "unmasked", "name", "title", "sql")
# Here a name or a title may be that of a person.
_PERSONAL: Final = frozenset({"people", "consent", "rights", "forms", "wecom", "payments"})
_NAMES: Final = frozenset({"name", "title"})
_LONGEST_BODY: Final = 256 * 1024
_LONGEST_WORD: Final = 1_000
_MOST_FIELDS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing somebody did: who, from where, by which route, to what."""

    at: datetime
    user_id: int
    actor: str
    role: str
    address: str
    method: str
    path: str  # The route's template: ``/api/v1/segments/{segment}``.
    action: str  # The endpoint's name: ``publish_segment``.
    permission: str = ""
    objects: Mapping[str, str] = field(default_factory=dict)  # What the address names.
    fields: tuple[str, ...] = ()  # Which fields were sent.
    said: Mapping[str, str | int | bool] = field(default_factory=dict)


Note = Callable[[UnitOfWork, Deed], Awaitable[None]]


def install(state: Any, note: Note) -> None:
    """Say how deeds are kept; ``state`` is the application's."""
    state.note = note


def remember(request: Request, deed: Deed) -> None:
    """Leave a deed with its request until something commits."""
    request.state.deed = deed


async def note_with(uow: UnitOfWork, request: Request) -> None:
    """Write the request's deed in ``uow``, once; nothing if it has none or nobody keeps deeds."""
    deed: Deed | None = getattr(request.state, "deed", None)
    note: Note | None = getattr(request.app.state, "note", None)
    if deed is None or note is None:
        return
    request.state.deed = None
    await note(uow, deed)


async def note_apart(uows: UnitOfWorkFactory, tenant_id: TenantId, request: Request) -> None:
    """Write the deed of an endpoint with transactions of its own, which have committed by now."""
    if getattr(request.state, "deed", None) is not None and hasattr(request.app.state, "note"):
        async with uows.app(tenant_id) as uow:
            await note_with(uow, request)


async def describe(
    request: Request, permission: Permission | None, *, who: tuple[int, str, str], at: datetime
) -> Deed:
    """Return what a request is about to do; ``who`` is the caller's id, name and role."""
    route: BaseRoute = request.scope["route"]
    sent = await _sent(request)
    user_id, actor, role = who
    return Deed(
        at=at,
        user_id=user_id,
        actor=actor,
        role=role,
        address=request.client.host if request.client else "",
        method=request.method,
        path=getattr(route, "path", request.url.path),
        action=request.scope["endpoint"].__name__,
        permission=permission.value if permission else "",
        objects={key: str(value)[:200] for key, value in request.path_params.items()},
        fields=tuple(name[:80] for name in list(sent)[:_MOST_FIELDS]),
        said=_said(sent, permission),
    )


async def _sent(request: Request) -> Mapping[str, Any]:
    """Return the object a request carries; files and what is no object have no fields to name."""
    length = int(request.headers.get("content-length") or 0)
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind != "application/json" or not 0 < length <= _LONGEST_BODY:
        return {}
    try:
        sent = msgspec.json.decode(await request.body())
    except msgspec.DecodeError:
        return {}
    return sent if isinstance(sent, dict) else {}


def _said(sent: Mapping[str, Any], permission: Permission | None) -> dict[str, str | int | bool]:
    personal = permission is None or permission.area in _PERSONAL
    kept: dict[str, str | int | bool] = {}
    for name in _SAID:
        value = sent.get(name)
        if isinstance(value, str | bool | int) and not (personal and name in _NAMES):
            kept[name] = value[:_LONGEST_WORD] if isinstance(value, str) else value
    return kept
