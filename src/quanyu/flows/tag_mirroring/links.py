"""Linking tags of ours with tags of accounts, made there if need be; and parting them again."""

from typing import Final

from quanyu.flows.tag_mirroring.contracts import (
    LINK_PREFIX,
    GroupLinked,
    LinkGroup,
    LinkTag,
    NotLinked,
    TagPlatform,
)
from quanyu.flows.tag_mirroring.errors import NameTooLong, linked_already, no_account, no_platform_tag
from quanyu.flows.tag_mirroring.queries import LinkQueries
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import TenantId, decode_id, encode_id, new_id
from quanyu.modules.channels.contracts import ACCOUNT_PREFIX, AccountId
from quanyu.modules.channels.service import Channels, read_account_id
from quanyu.modules.channels.tags.contracts import NAME_BYTES_MAX, RESERVED_MAX
from quanyu.modules.channels.tags.queries import TagQueries
from quanyu.modules.channels.tags.service import TagDesk
from quanyu.modules.channels.wecom.contracts import CORP_PREFIX
from quanyu.modules.channels.wecom.corps import Corps, read_corp_id
from quanyu.modules.people.tags.contracts import GROUP_PREFIX, TAG_PREFIX
from quanyu.modules.people.tags.queries.book import BookQueries, TagRow
from quanyu.modules.staff.tags.contracts import NAME_MAX, NewTags
from quanyu.modules.staff.tags.queries.tags import TagQueries as CorpTagQueries
from quanyu.modules.staff.tags.service import CorpTagDesk

_TOO_LONG: Final = "the platform takes names of {most}; {name!r} is longer: shorten it, or choose a tag there"
_TOO_LONG_ZH: Final = "平台标签名最长 {most}，“{name}”超出；请改短，或选择平台已有的标签"


def platform_of(account: str) -> TagPlatform:
    """Return whose account an outside id names.

    Raises:
        AccountNotFound: it is neither an official account's nor a company's.
    """
    match account.rpartition("_")[0]:
        case str(prefix) if prefix == ACCOUNT_PREFIX:
            return TagPlatform.OFFICIAL_ACCOUNT
        case str(prefix) if prefix == CORP_PREFIX:
            return TagPlatform.WECOM
    raise no_account()


class LinkDesk:
    """Make and end links."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        channels: Channels,
        corps: Corps,
        desk: TagDesk,
        corp_desk: CorpTagDesk,
    ) -> None:
        self._uows = uows
        self._channels = channels
        self._corps = corps
        self._desk = desk
        self._corp_desk = corp_desk

    async def link(self, tenant_id: TenantId, command: LinkTag, *, actor: str) -> str:
        """Link a tag with one of an account and return the link's id; everybody is compared soon after.

        What is on one side only is given on the other. The tag is made there, outside any transaction,
        where none is named and none has its name; repeating a call that was lost finds it.

        Raises:
            TagNotFound, AccountNotFound, PlatformTagNotFound
            TagLinked: one of both tags is linked already.
            NameTooLong, PlatformRefusal, TransportError: it could not be made there.
        """
        platform, account = await self._account(tenant_id, command.account)
        async with self._uows.app(tenant_id) as uow:
            row = await BookQueries(uow).get(decode_id(TAG_PREFIX, command.tag))
            if any(
                (one.tag_id, one.account_id) == (row.id, account) for one in await LinkQueries(uow).links()
            ):
                raise linked_already()
            known = await self._names(uow, platform, account)
        chosen = command.platform_tag
        if chosen is None:
            chosen, name = await self._same_named(tenant_id, platform, account, row)
        elif chosen in known:
            name = known[chosen]
        else:
            raise no_platform_tag()
        link_id = new_id()
        async with self._uows.app(tenant_id) as uow:
            await LinkQueries(uow).add(
                link_id,
                {
                    "tag": row.id,
                    "platform": platform.value,
                    "account": account,
                    "platform_tag": chosen,
                    "platform_name": name,
                    "actor": actor,
                },
            )
        return encode_id(LINK_PREFIX, link_id)

    async def link_group(self, tenant_id: TenantId, command: LinkGroup, *, actor: str) -> GroupLinked:
        """Link all tags of a group that are not linked in an account yet; one refusal does not stop others.

        Raises:
            TagNotFound: there is no such group.
            AccountNotFound
        """
        _, account = await self._account(tenant_id, command.account)
        async with self._uows.app(tenant_id) as uow:
            group = await BookQueries(uow).get_group(decode_id(GROUP_PREFIX, command.group))
            tags = [row for row in await BookQueries(uow).tags() if row.group_id == group.id]
            linked = {one.tag_id for one in await LinkQueries(uow).links() if one.account_id == account}
        made, refused = list[str](), list[NotLinked]()
        for row in tags:
            if row.id in linked:
                continue
            one = LinkTag(tag=encode_id(TAG_PREFIX, row.id), account=command.account)
            try:
                made.append(await self.link(tenant_id, one, actor=actor))
            except AppError as error:
                refused.append(_refusal(row, error))
        return GroupLinked(linked=tuple(made), refused=tuple(refused))

    async def unlink(self, uow: UnitOfWork, link: str) -> None:
        """End a link: tags stay where they are, on both sides; what is on its way there still arrives.

        Raises:
            LinkNotFound
        """
        queries = LinkQueries(uow)
        await queries.remove((await queries.get(decode_id(LINK_PREFIX, link))).id)

    async def _account(self, tenant_id: TenantId, shown: str) -> tuple[TagPlatform, AccountId]:
        platform = platform_of(shown)
        async with self._uows.app(tenant_id) as uow:
            if platform is TagPlatform.WECOM:
                return platform, (await self._corps.get(uow, read_corp_id(shown))).id
            account = await self._channels.get_account(uow, read_account_id(shown))
        return platform, read_account_id(account.id)

    async def _names(self, uow: UnitOfWork, platform: TagPlatform, account: AccountId) -> dict[str, str]:
        if platform is TagPlatform.WECOM:
            return {tag_id: row.name for tag_id, row in (await CorpTagQueries(uow).known(account)).items()}
        names = await TagQueries(uow).names(account)
        return {str(tag_id): name for tag_id, name in names.items() if tag_id > RESERVED_MAX}

    async def _same_named(
        self, tenant_id: TenantId, platform: TagPlatform, account: AccountId, row: TagRow
    ) -> tuple[str, str]:
        """Return the account's tag of our tag's name, made there if there is none."""
        if platform is TagPlatform.WECOM:
            return await self._corp_tag(tenant_id, account, row)
        async with self._uows.app(tenant_id) as uow:
            known = await self._names(uow, platform, account)
        found = next((tag_id for tag_id, name in known.items() if name == row.name), None)
        if found is None:
            _check(
                row.name, len(row.name.encode()), NAME_BYTES_MAX, "30 bytes (10 汉字)", "30 字节（10 个汉字）"
            )
            found = str((await self._desk.create(tenant_id, account, row.name)).id)
        return found, row.name

    async def _corp_tag(self, tenant_id: TenantId, corp_id: AccountId, row: TagRow) -> tuple[str, str]:
        """The platform itself gives back the tag of this name, where the group has one."""
        async with self._uows.app(tenant_id) as uow:
            group = await BookQueries(uow).get_group(row.group_id)
            corp = encode_id(CORP_PREFIX, corp_id)
        for name in (row.name, group.name):
            _check(name, len(name), NAME_MAX, f"{NAME_MAX} characters", f"{NAME_MAX} 个字")
        command = NewTags(corp=corp, group_name=group.name, names=(row.name,))
        made = await self._corp_desk.create(tenant_id, corp_id, command)
        return next(tag.id for tag in made.tags if tag.name == row.name), row.name


def _check(name: str, size: int, most: int, words: str, words_zh: str) -> None:
    if size > most:
        raise NameTooLong(
            _TOO_LONG.format(most=words, name=name), message_zh=_TOO_LONG_ZH.format(most=words_zh, name=name)
        )


def _refusal(row: TagRow, error: AppError) -> NotLinked:
    reason_zh = error.message_zh or error.message
    return NotLinked(tag=encode_id(TAG_PREFIX, row.id), reason_zh=reason_zh, reason_en=error.message)
