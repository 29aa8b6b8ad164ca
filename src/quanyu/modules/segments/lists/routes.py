"""The door of lists: a file is the body of the request."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response, status

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.ids import decode_id
from quanyu.modules.segments.lists.contracts import BYTES_MAX, ListMode, ListView, ReadFile, SaveSnapshot
from quanyu.modules.segments.lists.refusals import too_many_bytes
from quanyu.modules.segments.lists.service import Lists

_Name = Annotated[str, Query(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
_Text = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]
_Identifier = Annotated[
    str, Query(pattern=r"^[a-z][a-z0-9_]{0,31}$", description="any, person, or a kind of identifier")
]

_UploadMode = Literal[ListMode.REPLACE, ListMode.ADD]


def router(lists: Lists) -> APIRouter:
    """Build the routes; they come before those that take any segment's id."""
    routes = APIRouter(prefix="/api/v1/segments", tags=["segments"], dependencies=[permits.SEGMENTS])

    @routes.post("/lists/upload", status_code=status.HTTP_201_CREATED)
    async def upload_list(
        request: Request,
        caller: CurrentCaller,
        name: _Name,
        identifier: _Identifier = "any",
        column: _Text = "",
        scope: _Text = "",
        file_name: _Text = "",
        description: _Text = "",
    ) -> ListView:
        """Make a list from a CSV file, the body: a row names a person by any identifier."""
        asked = ReadFile(identifier=identifier, column=column, scope=scope or None, file_name=file_name)
        return await lists.upload_new(
            caller.tenant_id,
            name=name.strip(),
            description=description.strip(),
            asked=asked,
            content=await _read_file(request),
            by=caller.name,
        )

    @routes.post("/lists/snapshot", status_code=status.HTTP_201_CREATED)
    async def snapshot_list(caller: CurrentCaller, command: SaveSnapshot) -> ListView:
        """Hold fast whoever a definition selects: a segment, or sets of segments."""
        return await lists.snapshot(caller.tenant_id, command, by=caller.name)

    @routes.get("/{segment}/list")
    async def get_list(uow: RequestUow, segment: str) -> ListView:
        """Return a list with its versions."""
        return await lists.view(uow, decode_id("seg", segment))

    @routes.post("/{segment}/list/uploads", status_code=status.HTTP_201_CREATED)
    async def upload_list_version(
        request: Request,
        caller: CurrentCaller,
        segment: str,
        mode: _UploadMode,
        identifier: _Identifier = "any",
        column: _Text = "",
        scope: _Text = "",
        file_name: _Text = "",
    ) -> ListView:
        """Replace a list's people by those of a CSV file, or add them."""
        asked = ReadFile(identifier=identifier, column=column, scope=scope or None, file_name=file_name)
        return await lists.upload(
            caller.tenant_id,
            decode_id("seg", segment),
            mode=mode,
            asked=asked,
            content=await _read_file(request),
            by=caller.name,
        )

    @routes.get(
        "/{segment}/list/versions/{version}/rejects.csv",
        response_class=Response,
        responses={200: {"content": {"text/csv": {}}}},
    )
    @permits.noted
    async def download_rejects(uow: RequestUow, segment: str, version: int) -> Response:
        """Return the rows of an upload that named nobody in particular, with the reason of each."""
        content = await lists.rejects(uow, decode_id("seg", segment), version)
        name = f"{segment}-v{version}-unmatched.csv"
        return Response(
            content,
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    return routes


async def _read_file(request: Request) -> bytes:
    """Read the body, and no more of it than a file may hold."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > BYTES_MAX:
            raise too_many_bytes()
    return bytes(content)
