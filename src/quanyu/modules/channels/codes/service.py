"""Source codes as people manage them."""

import io
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import segno

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.errors import Conflict, InvalidInput, NotFound
from quanyu.kernel.ids import decode_id, encode_id, new_id
from quanyu.modules.channels.codes.contracts import (
    CODE_PREFIX,
    PERMANENT_MAX,
    CodeDraft,
    CodeId,
    CodeKind,
    CodeState,
    ImageFormat,
    NewCode,
    SourceCode,
    SourceCodes,
)
from quanyu.modules.channels.codes.queries import CODES_MAX, REDIRECTS_MAX, CodeQueries, KeptCode
from quanyu.modules.channels.codes.statistics import CodeFigures
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.reasons import explained
from quanyu.modules.channels.replies.queries import ReplyQueries
from quanyu.modules.channels.tags.queries import TagQueries

_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
_QUIET_MODULES: Final = 4  # The margin the standard asks for.
_MEDIA: Final = {"png": "image/png", "svg": "image/svg+xml"}


class UnknownCode(NotFound):
    """The account has no such source code."""

    code = "channels.unknown_source_code"


class CodeConflict(Conflict):
    """The scene is taken, the permanent codes are used up, or the code is in another state."""

    code = "channels.source_code_conflict"


class UnknownTags(InvalidInput):
    """A code names tags the account does not have."""

    code = "channels.unknown_tags"


class SourceCodeDesk:
    """Make, change and archive codes; draw their pictures; say what they brought."""

    def __init__(self, figures: CodeFigures, *, on_change: Callable[[], None] = lambda: None) -> None:
        self.figures = figures
        self._on_change = on_change

    async def list_codes(
        self, uow: UnitOfWork, account_id: AccountId, app_id: str, *, search: str = ""
    ) -> SourceCodes:
        """Return the account's newest codes with what they brought in the last 30 days."""
        queries = CodeQueries(uow)
        counted = await self.figures.last_30_days(uow.tenant_id, app_id)
        items = [
            _shown(code).model_copy(
                update=dict(zip(("scans_30d", "follows_30d"), counted.get(code.scene, (0, 0)), strict=True))
            )
            for code in await queries.list_codes(account_id, search=search)
        ]
        return SourceCodes(items=tuple(items), permanent_used=await queries.count_permanent(account_id))

    async def get(self, uow: UnitOfWork, account_id: AccountId, code_id: CodeId) -> SourceCode:
        """Return one code.

        Raises:
            UnknownCode: the account has no such code.
        """
        return _shown(await self._get(uow, account_id, code_id))

    async def create(self, uow: UnitOfWork, account_id: AccountId, command: NewCode) -> SourceCode:
        """Keep a new code; ``CodeIssuer`` asks the platform for its ticket.

        Raises:
            CodeConflict: the scene is taken, or the permanent codes are used up.
            UnknownTags: a tag is not the account's.
        """
        queries = CodeQueries(uow)
        await self._require_tags(uow, account_id, command)
        is_permanent = command.kind is CodeKind.PERMANENT
        if is_permanent and await queries.count_permanent(account_id) >= PERMANENT_MAX:
            raise CodeConflict(
                f"all {PERMANENT_MAX} permanent codes of the account are used up: make a temporary one",
                message_zh="永久二维码额度（10 万个）已用完，请使用临时二维码",
            )
        if await queries.count(account_id) >= CODES_MAX:
            raise CodeConflict(
                f"an account has at most {CODES_MAX} codes here",
                message_zh=f"每个公众号最多 {CODES_MAX} 个渠道码",
            )
        code = _new_code(uow, account_id, command)
        await ReplyQueries(uow).bump(account_id)
        if not await queries.insert(code):
            raise CodeConflict(
                f"the account has a code with the scene {code.scene!r} already",
                message_zh=f"场景值 {code.scene} 已被另一个渠道码使用",
            )
        uow.after_commit(self._on_change)
        return _shown(code)

    async def change(
        self, uow: UnitOfWork, account_id: AccountId, code_id: CodeId, draft: CodeDraft
    ) -> SourceCode:
        """Replace name, tags and welcome; the picture stays. Idempotent.

        Raises:
            UnknownCode, UnknownTags
        """
        code = await self._get(uow, account_id, code_id)
        await self._require_tags(uow, account_id, draft)
        await ReplyQueries(uow).bump(account_id)
        await CodeQueries(uow).change(code, draft)
        uow.after_commit(self._on_change)
        return _shown(replace(code, draft=draft, updated_at=uow.clock.now()))

    async def archive(
        self, uow: UnitOfWork, account_id: AccountId, code_id: CodeId, redirect: str
    ) -> SourceCode:
        """End a code; who scans its printed pictures is answered by ``redirect``. Idempotent.

        Raises:
            UnknownCode: this code, or the one it should lead to, does not exist.
            CodeConflict: it would lead to itself.
        """
        code = await self._get(uow, account_id, code_id)
        target = None
        if redirect != "follow":
            target = (await self._get(uow, account_id, read_code_id(redirect))).code_id
            await self._require_no_circle(uow, account_id, code_id, target)
        await ReplyQueries(uow).bump(account_id)
        await CodeQueries(uow).archive(code, target)
        uow.after_commit(self._on_change)
        return await self.get(uow, account_id, code_id)

    async def issue_again(self, uow: UnitOfWork, account_id: AccountId, code_id: CodeId) -> SourceCode:
        """Ask for a new ticket of the same scene: for a temporary code that ends, or one that failed.

        Raises:
            UnknownCode: the account has no such code.
        """
        code = await self._get(uow, account_id, code_id)
        await ReplyQueries(uow).bump(account_id)
        await CodeQueries(uow).issue_again(code)
        uow.after_commit(self._on_change)
        return await self.get(uow, account_id, code_id)

    async def _get(self, uow: UnitOfWork, account_id: AccountId, code_id: CodeId) -> KeptCode:
        code = await CodeQueries(uow).find(account_id, code_id)
        if code is None:
            raise UnknownCode("the account has no such source code", message_zh="没有这个渠道码")
        return code

    async def _require_tags(self, uow: UnitOfWork, account_id: AccountId, draft: CodeDraft) -> None:
        missing = set(draft.tags) - set(await TagQueries(uow).names(account_id))
        if missing:
            raise UnknownTags(
                f"the account has no tags {sorted(missing)}: sync the tags first",
                message_zh=f"公众号没有标签 {sorted(missing)}，请先同步标签",
            )

    async def _require_no_circle(
        self, uow: UnitOfWork, account_id: AccountId, code_id: CodeId, target: CodeId
    ) -> None:
        at: CodeId | None = target
        for _ in range(REDIRECTS_MAX):
            if at is None:
                return
            if at == code_id:
                break
            following = await CodeQueries(uow).find(account_id, at)
            at = None if following is None else following.redirect_id
        raise CodeConflict(
            "the code would lead to itself, or too far", message_zh="渠道码不能跳转到自身，也不能跳转太多次"
        )


def draw(url: str, image_format: ImageFormat, *, scale: int) -> tuple[bytes, str]:
    """Draw the picture of a code; return it with its media type."""
    picture = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        picture, kind=image_format, scale=scale, border=_QUIET_MODULES
    )
    return picture.getvalue(), _MEDIA[image_format]


def _new_code(uow: UnitOfWork, account_id: AccountId, command: NewCode) -> KeptCode:
    now = uow.clock.now()
    draft = CodeDraft(name=command.name, tags=command.tags, contents=command.contents, mode=command.mode)
    return KeptCode(
        code_id=CodeId(new_id()),
        account_id=account_id,
        # Too long to be guessed, so nobody can make scans up for a code they have not seen.
        scene=command.scene or "s_" + "".join(secrets.choice(_ALPHABET) for _ in range(16)),
        kind=command.kind,
        days=command.days,
        state=CodeState.ISSUING,
        draft=draft,
        ticket="",
        url="",
        expires_at=None,
        redirect_id=None,
        reason="",
        attempts=0,
        created_at=now,
        updated_at=now,
    )


def _shown(code: KeptCode) -> SourceCode:
    redirect = None
    if code.state is CodeState.ARCHIVED:
        redirect = "follow" if code.redirect_id is None else encode_id(CODE_PREFIX, code.redirect_id)
    return SourceCode(
        **code.draft.model_dump(),
        id=code.reference,
        kind=code.kind,
        scene=code.scene,
        state=code.state,
        reason=code.reason,
        reason_zh=explained(code.reason)[0],
        reason_en=explained(code.reason)[1],
        url=code.url,
        expires_at=code.expires_at,
        redirect=redirect,
        created_at=code.created_at,
        updated_at=code.updated_at,
    )


def read_code_id(text: str) -> CodeId:
    """Read an id as shown outside (``qrc_…``).

    Raises:
        InvalidId: it is none.
    """
    return CodeId(decode_id(CODE_PREFIX, text))
