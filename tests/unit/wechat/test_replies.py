"""Passive replies: their XML, and that the envelope opens again."""

from datetime import UTC, datetime

import pytest

from quanyu.wechat.callbacks.crypto import MessageCrypt
from quanyu.wechat.callbacks.errors import CallbackRefusal
from quanyu.wechat.callbacks.xml import read_fields
from quanyu.wechat.official_account import replies
from quanyu.wechat.official_account.messages import TextMessage

AT = datetime.fromtimestamp(1700000001, UTC)
ASKED = TextMessage(
    ToUserName="gh_1", FromUserName="o1", CreateTime=1700000000, MsgType="text", Content="?", MsgId=7
)
HEAD = {"ToUserName": "o1", "FromUserName": "gh_1", "CreateTime": "1700000001"}


@pytest.mark.parametrize(
    ("reply", "fields"),
    [
        (replies.TextReply("a ]]> b"), {"MsgType": "text", "Content": "a ]]> b"}),
        (replies.ImageReply("M"), {"MsgType": "image", "Image": {"MediaId": "M"}}),
        (replies.VoiceReply("M"), {"MsgType": "voice", "Voice": {"MediaId": "M"}}),
        (replies.VideoReply("M", "T"), {"MsgType": "video", "Video": {"MediaId": "M", "Title": "T"}}),
        (
            replies.MusicReply(thumb_media_id="M", music_url="U"),
            {"MsgType": "music", "Music": {"MusicUrl": "U", "ThumbMediaId": "M"}},
        ),
        (
            replies.NewsReply([replies.NewsArticle("T", "D", "P", "U")]),
            {
                "MsgType": "news",
                "ArticleCount": "1",
                "Articles": {"item": [{"Title": "T", "Description": "D", "PicUrl": "P", "Url": "U"}]},
            },
        ),
        (replies.TransferReply(), {"MsgType": "transfer_customer_service"}),
        (
            replies.TransferReply("a@b"),
            {"MsgType": "transfer_customer_service", "TransInfo": {"KfAccount": "a@b"}},
        ),
    ],
)
def test_reply_documents(reply: replies.Reply, fields: dict[str, object]) -> None:
    document = replies.render_reply(reply, to=ASKED, at=AT)

    assert read_fields(document.encode(), CallbackRefusal.MALFORMED_MESSAGE) == {**HEAD, **fields}


def test_a_sealed_reply_opens_with_its_own_signature() -> None:
    crypt = MessageCrypt(token="token", encoding_aes_key="A" * 43, app_id="wx1")
    document = replies.render_reply(replies.TextReply("你好"), to=ASKED, at=AT)

    envelope = read_fields(replies.seal_reply(crypt, document, at=AT), CallbackRefusal.MALFORMED_ENVELOPE)

    opened = crypt.open(
        envelope["Encrypt"],
        msg_signature=envelope["MsgSignature"],
        timestamp=envelope["TimeStamp"],
        nonce=envelope["Nonce"],
    )
    assert opened == document.encode()
