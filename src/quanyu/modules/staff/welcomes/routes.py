"""HTTP: welcomes of new customers."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.kernel.errors import AppError, ErrorKind, NotFound
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.kernel.paging import LIMIT_MAX
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.corps import Corps, read_corp_id
from quanyu.modules.staff.welcomes.blocking import WelcomeBlockList
from quanyu.modules.staff.welcomes.contracts import WelcomeDraft, WelcomeRule, WelcomeRules
from quanyu.modules.staff.welcomes.figures import WelcomeResults
from quanyu.modules.staff.welcomes.journal import Filter, Journal
from quanyu.modules.staff.welcomes.links import WelcomeLinks
from quanyu.modules.staff.welcomes.media import LIMITS, MediaLibrary, NewMedia, read_media_number
from quanyu.modules.staff.welcomes.media_queries import MediaKind, MediaQueries
from quanyu.modules.staff.welcomes.service import Welcomes, read_rule_id
from quanyu.modules.staff.welcomes.states import WelcomeState
from quanyu.modules.staff.welcomes.trial import Trials
from quanyu.modules.staff.welcomes.views import (
    WelcomeFigures,
    WelcomeFile,
    WelcomeFiles,
    WelcomePage,
    WelcomeRow,
    WelcomeRuleFigures,
    WelcomeTrial,
    WelcomeTrialOutcome,
    show_media,
)

_BYTES_MAX: Final = max(limit for limit, _ in LIMITS.values())
_Corp = Annotated[str, Query(max_length=20)]
_Days = Annotated[int, Query(ge=1, le=90)]


class WelcomeFileTooLarge(AppError):
    """The file exceeds what any attachment may hold."""

    kind = ErrorKind.TOO_LARGE
    code = "staff.welcome_file_too_large"


def router(
    welcomes: Welcomes, journal: Journal, trials: Trials, results: WelcomeResults, links: WelcomeLinks
) -> APIRouter:
    """Return the routes under ``/api/v1/welcomes``."""
    routes = APIRouter(prefix="/api/v1/welcomes", tags=["welcomes"], dependencies=[permits.WECOM])

    @routes.get("")
    async def list_welcomes(uow: RequestUow, corp: _Corp = "") -> WelcomeRules:
        """The welcomes, newest first."""
        return await welcomes.list_rules(uow, _corp(corp))

    @routes.post("", status_code=201)
    async def create_welcome(uow: RequestUow, draft: WelcomeDraft) -> WelcomeRule:
        """Add a welcome; it greets from the next new customer on."""
        return await welcomes.create(uow, draft)

    @routes.post("/try")
    @permits.reads
    async def try_welcome(uow: RequestUow, trial: WelcomeTrial) -> WelcomeTrialOutcome:
        """What a welcome would say to somebody now; nothing is sent."""
        return await trials.attempt(uow, trial)

    @routes.get("/journal")
    async def list_sent_welcomes(
        uow: RequestUow,
        corp: _Corp = "",
        state: WelcomeState | None = None,
        staff: Annotated[str, Query(max_length=64)] = "",
        welcome: Annotated[str, Query(max_length=20)] = "",
        person: Annotated[str, Query(max_length=20)] = "",
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 50,
    ) -> WelcomePage:
        """What became of each welcome, newest first: state, reason, and which one spoke."""
        wanted = Filter(
            corp_id=_corp(corp),
            state=state,
            staff=staff,
            rule_id=read_rule_id(welcome) if welcome else None,
            person_id=PersonId(decode_id("per", person)) if person else None,
        )
        return await journal.page(uow, wanted, cursor=cursor, limit=limit)

    @routes.get("/figures")
    async def get_welcome_figures(uow: RequestUow, corp: _Corp = "", days: _Days = 7) -> WelcomeFigures:
        """How many were sent, how fast, what kept the others back, and whether another system greets too."""
        return await journal.figures(uow, _corp(corp), days=days)

    @routes.get("/links/{token}")
    async def read_welcome_link(uow: RequestUow, token: str) -> WelcomeRow:
        """Whose welcome a link came from, by the token ``qy_w`` in its query."""
        number = links.read(token)
        row = None if number is None else await journal.find(uow, number)
        if row is None:
            raise NotFound("no welcome carries this token", message_zh="没有带此标记的欢迎语")
        return row

    @routes.get("/block-lists/{corp}")
    async def get_block_list(uow: RequestUow, corp: str) -> WelcomeBlockList:
        """Names and companies that are not greeted."""
        return await welcomes.block_list(uow, read_corp_id(corp))

    @routes.put("/block-lists/{corp}")
    async def set_block_list(uow: RequestUow, corp: str, words: WelcomeBlockList) -> WelcomeBlockList:
        """Replace the names and companies that are not greeted."""
        return await welcomes.set_block_list(uow, read_corp_id(corp), words)

    @routes.get("/{welcome}")
    async def get_welcome(uow: RequestUow, welcome: str) -> WelcomeRule:
        """One welcome."""
        return await welcomes.get(uow, read_rule_id(welcome))

    @routes.put("/{welcome}")
    async def change_welcome(uow: RequestUow, welcome: str, draft: WelcomeDraft) -> WelcomeRule:
        """Replace a welcome."""
        return await welcomes.change(uow, read_rule_id(welcome), draft)

    @routes.delete("/{welcome}", status_code=204)
    async def delete_welcome(uow: RequestUow, welcome: str) -> Response:
        """Delete a welcome; what it sent stays in the journal."""
        await welcomes.delete(uow, read_rule_id(welcome))
        return Response(status_code=204)

    @routes.get("/{welcome}/figures")
    async def get_variant_figures(
        caller: CurrentCaller, welcome: str, days: _Days = 30
    ) -> WelcomeRuleFigures:
        """What came of each variant, from history."""
        return await results.of_rule(caller.tenant_id, read_rule_id(welcome), days=days)

    return routes


def media_router(corps: Corps, library: MediaLibrary, uows: UnitOfWorkFactory) -> APIRouter:
    """Return the routes under ``/api/v1/welcome-media``."""
    routes = APIRouter(prefix="/api/v1/welcome-media", tags=["welcomes"], dependencies=[permits.WECOM])

    @routes.get("")
    async def list_welcome_media(uow: RequestUow, corp: _Corp) -> WelcomeFiles:
        """The corp's files, newest first."""
        files = await MediaQueries(uow).list_of(read_corp_id(corp))
        return WelcomeFiles(items=tuple(show_media(one, now=uow.clock.now()) for one in files))

    @routes.post("", status_code=201)
    async def add_welcome_media(
        request: Request,
        caller: CurrentCaller,
        corp: _Corp,
        kind: MediaKind,
        name: Annotated[str, Query(min_length=1, max_length=100)],
    ) -> WelcomeFile:
        """Keep a file and upload it to the platform: the body is the file, with its Content-Type."""
        content = await _read_file(request)
        async with uows.app(caller.tenant_id) as uow:
            corp_id = (await corps.get(uow, read_corp_id(corp))).id
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        new = NewMedia(corp_id=corp_id, kind=kind, name=name, content_type=content_type, content=content)
        return show_media(await library.add(caller.tenant_id, new), now=uows.clock.now())

    @routes.get("/{media}/content")
    async def get_welcome_media_content(uow: RequestUow, media: str) -> Response:
        """The file itself."""
        found = await library.get(uow, read_media_number(media))
        content = await MediaQueries(uow).content(found.number)
        # Whatever somebody uploaded: a browser shows pictures and films of it, and runs nothing.
        headers = {
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, max-age=3600",
        }
        is_shown = found.kind is not MediaKind.FILE
        kind = found.content_type if is_shown else "application/octet-stream"
        return Response(content, media_type=kind, headers=headers)

    @routes.post("/{media}/upload")
    async def upload_welcome_media(caller: CurrentCaller, media: str) -> WelcomeFile:
        """Upload a file to the platform now, unless it is there."""
        kept = await library.ensure_uploaded(caller.tenant_id, read_media_number(media))
        return show_media(kept, now=uows.clock.now())

    @routes.delete("/{media}", status_code=204)
    async def delete_welcome_media(uow: RequestUow, media: str) -> Response:
        """Forget a file that no welcome attaches."""
        await library.remove(uow, read_media_number(media))
        return Response(status_code=204)

    return routes


def _corp(text: str) -> AccountId | None:
    return read_corp_id(text) if text else None


async def _read_file(request: Request) -> bytes:
    """Read the body, and no more of it than any attachment may hold."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > _BYTES_MAX:
            raise WelcomeFileTooLarge(f"a file holds at most {_BYTES_MAX} bytes", message_zh="文件超过 20 MB")
    return bytes(content)
