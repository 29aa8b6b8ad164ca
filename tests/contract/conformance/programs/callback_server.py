"""A callback server written with WeRoBot or with wechatpy, as their guides say.

Prints its port, then keeps the messages it has understood in a file of JSON lines. What somebody writes
chooses the kind of the reply.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, make_server

SDK, WAY, UNDERSTOOD = sys.argv[1], sys.argv[2], Path(sys.argv[3])
TOKEN, AES_KEY = os.environ["WECHAT_SANDBOX_TOKEN"], os.environ["WECHAT_SANDBOX_AES_KEY"]
APPID = os.environ["WECHAT_SANDBOX_APPID"]
URL = "https://shop.example/tea"
Start = Callable[[str, list[tuple[str, str]]], Any]
App = Callable[[dict[str, Any], Start], Any]


def keep(fields: dict[str, Any]) -> None:
    with UNDERSTOOD.open("a", encoding="utf-8") as file:
        file.write(json.dumps(fields, ensure_ascii=False, default=str) + "\n")


def make_werobot() -> App:
    from werobot import WeRoBot
    from werobot.messages.entries import BaseEntry
    from werobot.replies import (
        ImageReply,
        TransferCustomerServiceReply,
        VideoReply,
        VoiceReply,
    )

    config = {"TOKEN": TOKEN, "SESSION_STORAGE": False, "APP_ID": APPID}
    robot = WeRoBot(enable_session=False, **{name.lower(): value for name, value in config.items()})
    if WAY != "plain":
        robot.config["ENCODING_AES_KEY"] = AES_KEY

    def answer(message: Any) -> Any:
        kinds = type(message).__mro__
        names = {name for kind in kinds for name, one in vars(kind).items() if isinstance(one, BaseEntry)}
        keep({name: getattr(message, name) for name in names} | {"type": message.type})
        if message.type != "text":
            return "欢迎" if message.type == "subscribe_event" else None
        word, _, rest = message.content.partition(" ")
        replies: dict[str, Callable[[], Any]] = {
            "图文": lambda: [["春茶", "上市", f"{URL}.jpg", URL]],
            "音乐": lambda: ["茶歌", "采茶调", URL, f"{URL}?hq"],
            "图片": lambda: ImageReply(message=message, media_id=rest),
            "语音": lambda: VoiceReply(message=message, media_id=rest),
            "视频": lambda: VideoReply(message=message, media_id=rest, title="采茶", description="春天"),
            "客服": lambda: TransferCustomerServiceReply(message=message),
            "无": lambda: None,
        }
        return replies.get(word, lambda: f"收到:{message.content}")()

    robot.add_handler(answer)
    app: App = robot.wsgi
    return app


def make_wechatpy() -> App:
    from wechatpy import create_reply, parse_message
    from wechatpy.crypto import WeChatCrypto
    from wechatpy.replies import (
        ImageReply,
        MusicReply,
        TransferCustomerServiceReply,
        VideoReply,
        VoiceReply,
    )
    from wechatpy.utils import check_signature

    crypto = WeChatCrypto(TOKEN, AES_KEY, APPID)

    def answer(message: Any) -> Any:
        keep({name: getattr(message, name) for name in message._fields} | {"type": _kind(message)})
        if message.type != "text":
            is_new = getattr(message, "event", "").startswith("subscribe")
            return create_reply("欢迎" if is_new else "", message)
        word, _, rest = message.content.partition(" ")
        article = {"title": "春茶", "description": "上市", "image": f"{URL}.jpg", "url": URL}
        replies: dict[str, Callable[[], Any]] = {
            "图文": lambda: [article],
            "音乐": lambda: MusicReply(
                title="茶歌",
                description="采茶调",
                music_url=URL,
                hq_music_url=f"{URL}?hq",
                thumb_media_id=rest,
            ),
            "图片": lambda: ImageReply(media_id=rest),
            "语音": lambda: VoiceReply(media_id=rest),
            "视频": lambda: VideoReply(media_id=rest, title="采茶", description="春天"),
            "客服": TransferCustomerServiceReply,
            "无": lambda: "",
        }
        return create_reply(replies.get(word, lambda: f"收到:{message.content}")(), message)

    def app(environ: dict[str, Any], start: Start) -> list[bytes]:
        query = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
        check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
        start("200 OK", [("Content-Type", "text/xml")])
        if environ["REQUEST_METHOD"] == "GET":
            return [query["echostr"].encode()]
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        signed = (query.get("msg_signature"), query["timestamp"], query["nonce"])
        # In compatible mode this program reads the plain part, as one does before switching over.
        xml = crypto.decrypt_message(body, *signed) if WAY == "secure" else body
        reply = answer(parse_message(xml))
        text = reply.render()
        if WAY == "secure" and text:
            text = crypto.encrypt_message(text, query["nonce"], query["timestamp"])
        return [text.encode()]

    return app


def _kind(message: Any) -> str:
    return f"{message.event}_event" if message.type == "event" else str(message.type)


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


server = make_server(
    "127.0.0.1", 0, {"WeRoBot": make_werobot, "wechatpy": make_wechatpy}[SDK](), handler_class=Quiet
)
print(server.server_port, flush=True)
server.serve_forever()
