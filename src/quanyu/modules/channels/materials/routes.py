"""HTTP: the material of an account."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller
from quanyu.kernel.errors import AppError, ErrorKind
from quanyu.modules.channels.materials.contracts import Material, MaterialKind, Materials
from quanyu.modules.channels.materials.service import UPLOADS, MaterialShelf
from quanyu.modules.channels.service import read_account_id

_BYTES_MAX: Final = max(limit for limit, _ in UPLOADS.values())


class FileTooLarge(AppError):
    """The file exceeds what any material may hold."""

    kind = ErrorKind.TOO_LARGE
    code = "channels.file_too_large"


def router(materials: MaterialShelf) -> APIRouter:
    """Return the routes under ``/api/v1/channels/official-accounts/{account_id}/materials``."""
    routes = APIRouter(
        prefix="/api/v1/channels/official-accounts/{account_id}/materials",
        tags=["account material"],
        dependencies=[permits.CHANNELS],
    )

    @routes.get("")
    async def list_materials(
        caller: CurrentCaller,
        account_id: str,
        kind: MaterialKind,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> Materials:
        """Up to 20 of the account's permanent materials or published articles; asks the platform."""
        return await materials.list_materials(
            caller.tenant_id, read_account_id(account_id), kind, offset=offset
        )

    @routes.post("", status_code=201)
    async def upload_material(
        request: Request,
        caller: CurrentCaller,
        account_id: str,
        kind: MaterialKind,
        name: Annotated[str, Query(min_length=1, max_length=60)],
    ) -> Material:
        """Add a file to the account's permanent material: the body is the file, with its Content-Type."""
        return await materials.upload(
            caller.tenant_id,
            read_account_id(account_id),
            kind,
            name=name,
            content=await _read_file(request),
            content_type=request.headers.get("content-type", "").partition(";")[0].strip().lower(),
        )

    return routes


async def _read_file(request: Request) -> bytes:
    """Read the body, and no more of it than any material may hold."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > _BYTES_MAX:
            raise FileTooLarge(f"a file holds at most {_BYTES_MAX} bytes", message_zh="文件超过 10 MB")
    return bytes(content)
