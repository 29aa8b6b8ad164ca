"""E-mail: a subject, plain text, and HTML beside it."""

from collections.abc import Mapping
from typing import Any, Final

from quanyu.modules.messaging.contracts import MessageKind, RefusalReason
from quanyu.modules.messaging.kinds.base import (
    Kind,
    Posting,
    Rendered,
    Sources,
    Unrenderable,
    only_keys,
    optional,
    rendered,
    source,
    wrong_account,
)
from quanyu.modules.messaging.ports import SendsEmail

_SUBJECT_MAX: Final = 200
_BYTES_MAX: Final = 200_000  # Of text and HTML together.
_UNSUBSCRIBE: Final = "unsubscribe"
# The page on which a person chooses what they agree to; the planner knows the variable.
_PREFERENCES: Final = "{{ preferences_url | default: '' }}"


class Email(Kind):
    """``{"subject": …, "text": …, "html": …}``; without HTML the text stands alone."""

    kind = MessageKind.EMAIL
    markup = frozenset({"html"})

    def sources(self, content: Mapping[str, Any]) -> Sources:
        only_keys(content, {"subject", "text", "html"})
        words = [("subject", source(content, "subject")), ("text", source(content, "text"))]
        return [*words, *optional(content, "html"), (_UNSUBSCRIBE, _PREFERENCES)]

    def fill(self, content: Mapping[str, Any], parts: Mapping[str, str]) -> Rendered | Unrenderable:
        subject = " ".join(parts["subject"].split())  # A header is one line.
        text, html = parts["text"].strip(), parts.get("html", "").strip()
        for name, value in (("subject", subject), ("text", text)):
            if not value:
                return Unrenderable(RefusalReason.CONTENT_EMPTY, name)
        if len(subject) > _SUBJECT_MAX:
            return Unrenderable(RefusalReason.CONTENT_TOO_LONG, f"subject: over {_SUBJECT_MAX} characters")
        if len(text.encode()) + len(html.encode()) > _BYTES_MAX:
            return Unrenderable(RefusalReason.CONTENT_TOO_LONG, f"over {_BYTES_MAX} bytes")
        payload = {"subject": subject, "text": text} | ({"html": html} if html else {})
        said = rendered(payload, f"{subject}\n{text}")
        # The page's address changes with time: it takes no part in telling whether two messages are the same.
        page = parts.get(_UNSUBSCRIBE, "")
        return Rendered(payload | {_UNSUBSCRIBE: page}, said.preview, said.digest) if page else said

    async def call(self, client: object, posting: Posting) -> str:
        if not isinstance(client, SendsEmail):
            raise wrong_account(self.kind)
        return await client.send_email(posting.address, posting.payload, key=posting.key)
