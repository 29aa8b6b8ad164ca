"""Connected mini programs: connect, list, look at."""

from typing import Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import decode_id, encode_id
from quanyu.modules.channels.accounts import Account, AccountKind, AccountQueries, MessageMode
from quanyu.modules.channels.contracts import AccountId, CallbackSetup
from quanyu.modules.channels.errors import UnknownAccount
from quanyu.modules.channels.mini_programs.contracts import (
    MINI_PROGRAM_PREFIX,
    ConnectedMiniProgram,
    ConnectMiniProgram,
    MiniProgram,
)
from quanyu.modules.channels.service import Channels

_MODES: Final = {
    MessageMode.PLAIN: "明文模式",
    MessageMode.COMPATIBLE: "兼容模式",
    MessageMode.SECURE: "安全模式",
}


class MiniProgramDesk:
    """The mini programs of a brand."""

    def __init__(self, channels: Channels, keyring: KeyRing) -> None:
        self._channels = channels
        self._keyring = keyring

    async def connect(self, uow: UnitOfWork, command: ConnectMiniProgram) -> ConnectedMiniProgram:
        """Connect a mini program, or replace the credentials of the one with this app id.

        Idempotent on the app id: the callback address stays, and so do token and EncodingAESKey that are
        not given anew.

        Raises:
            AppIdTaken: the app id is connected as an official account.
        """
        account = await self._channels.save_account(
            uow,
            command,
            AccountKind.MINI_PROGRAM,
            mode=command.mode,
            data_format=command.data_format,
            hands_over=command.hands_over,
        )
        people = (await AccountQueries(uow, self._keyring).count_people()).get(account.account_id, 0)
        setup = CallbackSetup(
            url=self._channels.callback_url(account),
            token=account.token,
            encoding_aes_key="" if account.mode is MessageMode.PLAIN else account.encoding_aes_key,
            mode=_MODES[account.mode],
            data_format=account.data_format.upper(),
        )
        return ConnectedMiniProgram(account=self._shown(account, people), setup=setup)

    async def list_mini_programs(self, uow: UnitOfWork) -> tuple[MiniProgram, ...]:
        """Return the brand's mini programs, oldest first."""
        queries = AccountQueries(uow, self._keyring)
        people = await queries.count_people()
        return tuple(
            self._shown(account, people.get(account.account_id, 0))
            for account in await queries.list_all(AccountKind.MINI_PROGRAM)
        )

    async def get(self, uow: UnitOfWork, account_id: AccountId) -> MiniProgram:
        """Return one mini program.

        Raises:
            UnknownAccount: the brand has no such mini program.
        """
        queries = AccountQueries(uow, self._keyring)
        account = await queries.find(account_id)
        if account is None or account.kind is not AccountKind.MINI_PROGRAM:
            raise UnknownAccount(
                f"no connected mini program {encode_id(MINI_PROGRAM_PREFIX, account_id)}",
                message_zh="没有这个小程序",
            )
        return self._shown(account, (await queries.count_people()).get(account_id, 0))

    def _shown(self, account: Account, people: int) -> MiniProgram:
        return MiniProgram(
            id=encode_id(MINI_PROGRAM_PREFIX, account.account_id),
            app_id=account.app_id,
            name=account.name,
            base_url=account.base_url,
            callback_url=self._channels.callback_url(account),
            mode=account.mode,
            data_format=account.data_format,
            hands_over=account.hands_over,
            people=people,
            last_callback_at=account.last_callback_at,
            created_at=account.created_at,
            updated_at=account.updated_at,
        )


def read_mini_program_id(text: str) -> AccountId:
    """Read an id as shown outside (``mpa_…``).

    Raises:
        InvalidId: it is none.
    """
    return AccountId(decode_id(MINI_PROGRAM_PREFIX, text))
