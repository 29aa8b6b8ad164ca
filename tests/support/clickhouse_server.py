"""The part of ClickHouse's HTTP interface that the driver uses, served by the embedded engine.

For tests of a warehouse by address: as a process of its own it can be killed (nobody listens), stopped
(connections are taken and nothing is said) and started again on the same data. It answers one statement at
a time and takes no notice of limits.

Run as a program: ``PORT PATH``; prints ``ready``.
"""

import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import chdb

# Settings that change what is stored; the others limit how it is computed.
_MATTER = re.compile(r"insert_deduplication_token|input_format_\w+|type_json_\w+|date_time_input_format")
_CODE = re.compile(r"Code: (\d+)")


class Engine:
    """One embedded engine, one statement at a time."""

    def __init__(self, path: str) -> None:
        self._connection = chdb.connect(path)
        self._lock = threading.Lock()
        self._database = ""

    def run(self, statement: str, data: bytes, options: dict[str, str]) -> bytes:
        """Return what the statement answers, in the format it names or as text."""
        with self._lock:
            database = options.get("database", "default")
            if database != self._database:
                self._connection.query(f"USE {database}")
                self._database = database
            for name, value in options.items():
                if name.startswith("param_"):
                    self._connection.query(f"SET {name} = {_quoted(value)}")
            if data:
                statement = _with_settings(statement, options) + "\n" + data.decode()
            return bytes(self._connection.query(statement, "TabSeparated").bytes())


def _with_settings(insert: str, options: dict[str, str]) -> str:
    settings = ", ".join(
        f"{name} = {_quoted(value)}" for name, value in options.items() if _MATTER.fullmatch(name)
    )
    head, found, form = insert.rpartition("FORMAT")
    return f"{head}SETTINGS {settings} {found}{form}" if settings and found else insert


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def handler_of(engine: Engine) -> type[BaseHTTPRequestHandler]:
    """Return the request handler of a server on ``engine``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            options = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
            body = self._body()
            # A statement in the address has its data in the body; else the body is the statement.
            statement, data = options.pop("query", ""), body
            if not statement:
                statement, data = body.decode(), b""
            try:
                self._answer(200, engine.run(statement, data, options))
            except Exception as error:
                code = _CODE.search(str(error))
                self._answer(500, str(error).encode(), code.group(1) if code else "1001")

        do_GET = do_POST

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def _answer(self, status: int, content: bytes, code: str = "") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("X-ClickHouse-Summary", "{}")
            if code:
                self.send_header("X-ClickHouse-Exception-Code", code)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the tests look at answers."""

    return Handler


def main() -> None:
    port, path = int(sys.argv[1]), sys.argv[2]
    server = ThreadingHTTPServer(("127.0.0.1", port), handler_of(Engine(path)))
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
