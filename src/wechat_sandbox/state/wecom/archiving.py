"""Keeping what was said: every message of an archived member, and in the groups they sit in.

Source: official pages D 91774 (data), 92951 (the event that tells of new content).
"""

import base64
from collections.abc import Sequence
from typing import Any, Final

from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Blobs
from wechat_sandbox.state.wecom.archive_book import NOTIFY_GAP_S, ArchiveBook, ArchiveRow, seal
from wechat_sandbox.state.wecom.corp import ARCHIVE, Corp
from wechat_sandbox.state.wecom.customers import Customers
from wechat_sandbox.state.wecom.events import tell_scope
from wechat_sandbox.state.wecom.ids import new_key

AGENT: Final = 2_000_004
SLICE_BYTES: Final = 512 * 1024


class Archiving:
    """The archive of one corp at work."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._world = world
        self._corp = corp
        self.book = ArchiveBook(world.store, corp.corpid)

    def keep(
        self,
        sender: str,
        to: Sequence[str],
        msgtype: str,
        body: dict[str, Any],
        at: float,
        *,
        roomid: str = "",
    ) -> int | None:
        """Keep a message; return its number, None when it is nobody's whose messages are kept.

        What somebody says who does not agree is not kept.
        """
        settings = self.book.settings
        pem = settings.keys.get(str(settings.version))
        if not settings.enabled or settings.expired or pem is None:
            return None
        if not any(who in settings.members for who in (sender, *to)) or not self._agrees(sender):
            return None
        msgid = (
            f"{new_key(self._world, '', at, length=24)}{'_external' if self._is_external(sender, to) else ''}"
        )
        message = {
            "msgid": msgid,
            "action": "send",
            "from": sender,
            "tolist": list(to),
            "roomid": roomid,
            "msgtime": int(at * 1000),
            "msgtype": msgtype,
            msgtype: body,
        }
        return self._append(msgid, message, pem, settings.version, at)

    def recall(
        self, sender: str, to: Sequence[str], msgid: str, at: float, *, roomid: str = ""
    ) -> int | None:
        """Keep that somebody took a message back."""
        settings = self.book.settings
        pem = settings.keys.get(str(settings.version))
        if not settings.enabled or pem is None:
            return None
        own_id = new_key(self._world, "", at, length=24)
        message = {
            "msgid": own_id,
            "action": "recall",
            "from": sender,
            "tolist": list(to),
            "roomid": roomid,
            "msgtime": int(at * 1000),
            "msgtype": "revoke",
            "revoke": {"pre_msgid": msgid},
        }
        return self._append(own_id, message, pem, settings.version, at)

    def _append(self, msgid: str, message: dict[str, Any], pem: str, version: int, at: float) -> int:
        random_key, text = seal(message, pem)
        row = ArchiveRow(
            msgid=msgid,
            at=at,
            publickey_ver=version,
            encrypt_random_key=random_key,
            encrypt_chat_msg=text,
        )
        seq = self.book.append(row)
        self._notify(at)
        return seq

    def _notify(self, at: float) -> None:
        """Tell that there is something new; not more often than every fifteen seconds."""
        key = f"wecom_archive_told:{self._corp.corpid}"
        told_at = self._world.store.read_meta(key)
        if told_at is not None and 0 <= at - told_at < NOTIFY_GAP_S:
            return
        self._world.store.write_meta(key, at)
        tell_scope(self._world, self._corp, ARCHIVE, "msgaudit_notify", at, {"AgentID": AGENT})

    def _agrees(self, who: str) -> bool:
        external = Customers(self._world, self._corp).find_external(who)
        return external is None or external.archive_agreed

    def _is_external(self, sender: str, to: Sequence[str]) -> bool:
        customers = Customers(self._world, self._corp)
        return any(customers.find_external(who) is not None for who in (sender, *to))

    # Files

    def keep_file(self, content: bytes, at: float) -> str:
        """Keep a file a message carries; return its ``sdkfileid``."""
        sdkfileid = new_key(self._world, "sdk", at, length=40)
        Blobs(self._world.store).put(f"archive:{self._corp.corpid}:{sdkfileid}", content, "")
        return sdkfileid

    def slice_of(self, sdkfileid: str, index: int) -> tuple[bytes, int, bool] | None:
        """Return a slice of a file, where the next one begins, and whether it was the last."""
        found = Blobs(self._world.store).find(f"archive:{self._corp.corpid}:{sdkfileid}")
        if found is None:
            return None
        following = index + SLICE_BYTES
        return found[0][index:following], following, following >= len(found[0])


def index_of(indexbuf: str) -> int:
    """Read the mark the library hands from slice to slice.

    Raises:
        ValueError: not one of ours.
    """
    if not indexbuf:
        return 0
    return int(base64.b64decode(indexbuf).decode().removeprefix("Range:bytes=").partition("-")[0])


def write_index(index: int) -> str:
    return base64.b64encode(f"Range:bytes={index}-{index + SLICE_BYTES - 1}".encode()).decode()
