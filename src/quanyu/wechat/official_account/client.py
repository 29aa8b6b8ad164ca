"""The official account's server API, typed.

``call`` makes any declared call of this package and of ``wechat.common``; the named methods are those
with something to add.
"""

from collections.abc import AsyncIterator, Sequence

from quanyu.wechat.calls import File, Nothing
from quanyu.wechat.client import Credentials, PlatformClient, TokenKind
from quanyu.wechat.common import custom_messages, management
from quanyu.wechat.errors import MalformedAnswer
from quanyu.wechat.official_account import qr_codes, template_messages, users
from quanyu.wechat.official_account.users import INFO_BATCH_MAX as USER_INFO_BATCH_MAX

__all__ = ["USER_INFO_BATCH_MAX", "Credentials", "OfficialAccountClient", "TokenKind"]


class OfficialAccountClient(PlatformClient):
    """Calls the platform for one account."""

    async def user_info(self, openid: str) -> users.UserInfo:
        """Return one person; ``subscribe`` is false for who does not follow."""
        return await self.call(users.INFO, users.OpenId(openid=openid, lang="zh_CN"))

    async def users_info(self, openids: Sequence[str]) -> tuple[users.UserInfo, ...]:
        """Return up to ``USER_INFO_BATCH_MAX`` people in one call."""
        assert len(openids) <= USER_INFO_BATCH_MAX, f"at most {USER_INFO_BATCH_MAX}, got {len(openids)}"
        asked = tuple(users.OpenId(openid=openid, lang="zh_CN") for openid in openids)
        answer = await self.call(users.INFO_BATCH, users.UserInfoBatch(user_list=asked))
        return answer.user_info_list

    async def followers(self, next_openid: str = "") -> users.FollowersAnswer:
        """Return the page of followers after ``next_openid``."""
        return await self.call(users.FOLLOWERS, users.FollowersRequest(next_openid=next_openid))

    async def follower_pages(self, next_openid: str = "") -> AsyncIterator[users.FollowersAnswer]:
        """Yield all pages of followers after ``next_openid``, up to 10,000 openids each."""
        while (page := await self.followers(next_openid)).count:
            yield page
            if not page.next_openid:
                return
            next_openid = page.next_openid

    async def send_custom(self, message: custom_messages.AnyCustomMessage) -> None:
        """Send a customer-service message. Not idempotent: the platform knows no key for it."""
        await self.call(custom_messages.SEND, message)

    async def typing(self, openid: str, *, is_typing: bool) -> None:
        """Show or hide "typing" in the person's conversation."""
        command = custom_messages.TypingCommand.SHOW if is_typing else custom_messages.TypingCommand.HIDE
        await self.call(custom_messages.TYPING, custom_messages.TypingRequest(touser=openid, command=command))

    async def send_template(self, message: template_messages.TemplateMessage) -> int:
        """Send a template message and return its msgid; idempotent for 10 minutes on ``client_msg_id``."""
        return (await self.call(template_messages.SEND, message)).msgid

    async def templates(self) -> tuple[template_messages.Template, ...]:
        """Return the account's templates."""
        return (await self.call(template_messages.LIST, Nothing())).template_list

    async def callback_addresses(self) -> tuple[str, ...]:
        """Return the addresses callbacks come from: single ones or CIDR blocks."""
        return (await self.call(management.CALLBACK_ADDRESSES, Nothing())).ip_list

    async def qr_code_image(self, ticket: str) -> File | None:
        """Return the picture of a parameter QR code, or nothing if the platform does not know the ticket."""
        try:
            return (await self.call(qr_codes.IMAGE, qr_codes.TicketRequest(ticket=ticket))).file
        except MalformedAnswer as error:
            if error.status == 404:
                return None
            raise
