"""The outer document of an encrypted delivery: who it is for, and the encrypted text."""

import re
from typing import Final

from quanyu.wechat.callbacks.errors import CallbackRefusal, MalformedCallback
from quanyu.wechat.callbacks.json_fields import is_json, read_json_fields
from quanyu.wechat.callbacks.xml import read_fields

# The form in which the platform writes it; WeCom adds which of the corp's apps it is for.
_ENVELOPE: Final = re.compile(
    rb"\s*<xml>\s*<ToUserName><!\[CDATA\[[^\]]*\]\]></ToUserName>"
    rb"(?:\s*<AgentID><!\[CDATA\[[^\]]*\]\]></AgentID>)?"
    rb"\s*<Encrypt><!\[CDATA\[([^\]]*)\]\]></Encrypt>\s*</xml>\s*"
)


def read_envelope(body: bytes) -> str:
    """Return the base64 text of ``Encrypt`` in a secure or compatible delivery, XML or JSON.

    Raises:
        MalformedCallback: not such a document, or one in plaintext mode.
    """
    match = _ENVELOPE.fullmatch(body)
    if match is not None and match[1].isascii():
        return match[1].decode()
    read = read_json_fields if is_json(body) else read_fields
    encrypted = read(body, CallbackRefusal.MALFORMED_ENVELOPE).get("Encrypt")
    if not isinstance(encrypted, str):
        raise MalformedCallback(
            CallbackRefusal.NOT_ENCRYPTED,
            "there is no Encrypt field: set the account's message mode to secure (安全模式)",
        )
    return encrypted
