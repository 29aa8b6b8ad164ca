"""What monitoring asks: is the process alive, can it take work, and how much of everything there was."""

import asyncio
from typing import Final, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from quanyu.infra import permits
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.modules.tenants.contracts import NO_TENANT

_log = get_logger("health")
_LOOK_LIMIT_S: Final = 2.0


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    """Whether what is sent here now would be kept."""

    status: Literal["ready", "unavailable"]


def router(uows: UnitOfWorkFactory) -> APIRouter:
    """Return ``/health/live``, ``/health/ready`` and ``/metrics``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/health/live")
    async def live() -> Alive:
        """Answer as long as the process can: restart it when this stays silent."""
        return Alive()

    @routes.get("/health/ready")
    async def ready() -> JSONResponse:
        """Tell whether events would be accepted. The warehouse may be away: they wait in the log then."""
        is_ready = await _postgres_answers(uows)
        answer = Readiness(status="ready" if is_ready else "unavailable")
        return JSONResponse(answer.model_dump(), 200 if is_ready else 503)

    # Figures of a whole deployment are not for everybody who finds the address. A scraper on this machine
    # reads the local token from its file.
    @routes.get("/metrics", dependencies=[permits.SETTINGS])
    async def metrics() -> Response:
        """Return every counter and gauge in the Prometheus text format."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return routes


async def _postgres_answers(uows: UnitOfWorkFactory) -> bool:
    try:
        async with asyncio.timeout(_LOOK_LIMIT_S), uows.system(NO_TENANT) as uow:
            await uow.execute("SELECT 1")
    except Exception as error:  # Whatever it is, work sent here would not be kept.
        _log.warning("health.not_ready", error=type(error).__name__)
        return False
    return True
