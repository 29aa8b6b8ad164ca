"""A callback server that hands everybody over to the service staff, in plain mode."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from contract.conformance.platform import Platform

_REPLY = (
    "<xml><ToUserName><![CDATA[{to}]]></ToUserName><FromUserName><![CDATA[{by}]]></FromUserName>"
    "<CreateTime>{at}</CreateTime><MsgType><![CDATA[transfer_customer_service]]></MsgType></xml>"
)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer(parse_qs(urlsplit(self.path).query)["echostr"][0])

    def do_POST(self) -> None:
        message = ElementTree.fromstring(self.rfile.read(int(self.headers["Content-Length"])))
        if message.findtext("MsgType") == "text":
            to, by = message.findtext("FromUserName"), message.findtext("ToUserName")
            self._answer(_REPLY.format(to=to, by=by, at=int(time.time())))
        else:
            self._answer("success")

    def _answer(self, text: str) -> None:
        content = text.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def handing_over(platform: Platform) -> Iterator[str]:
    """Let the shop's callbacks go to such a server; yield its address."""
    account = f"/accounts/{platform.shop['appid']}"
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/"
        try:
            changed = platform.control("PUT", account, {"callback_url": url, "callback_mode": "plain"})
            assert changed["verified"] is True
            yield url
        finally:
            platform.control("PUT", account, {"callback_url": "", "callback_mode": "secure"})
            server.shutdown()
            thread.join()
