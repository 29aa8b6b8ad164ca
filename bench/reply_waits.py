"""How long a follower waits for an automatic reply while a file is imported at full speed.

The platform is ``quanyu up`` on a data directory of its own, with one account and one keyword rule. A few
followers write, wait for the answer and write again, over kept-alive connections, as long as the import runs.
Every answer must be the rule's. The platform's own patience is five seconds.

Run: ``python -m bench.reply_waits [ROWS]``.
"""

import http.client
import statistics
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench.support import Aim, Platform, Result, WrongResult, report, running_platform, scratch_directory
from quanyu.wechat.callbacks.crypto import MessageCrypt, sign

ROWS, FOLLOWERS = 150_000, 4
APP_ID, TOKEN = "wxba5fad812f8e6fb9", "benchtoken"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
RULE_KNOWN_LIMIT_S = 30.0
CRYPT = MessageCrypt(token=TOKEN, encoding_aes_key=AES_KEY, app_id=APP_ID)
MAP = """
kind = "events"
source = "web"
time_zone = "Asia/Shanghai"
[time]
column = "at"
formats = ["%Y-%m-%d %H:%M:%S"]
[identifiers]
user_id = "user"
[event]
name = "Product Viewed"
message_id = "id"
"""


class Follower:
    """Somebody who writes, waits for the answer, and writes again."""

    def __init__(self, platform: Platform, path: str, number: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", platform.port, timeout=30)
        self._path = path
        self._openid = f"o{number:027d}"
        self._messages = number * 1_000_000
        self.waits_ms: list[float] = []
        self.unanswered = 0

    def ask(self) -> bool:
        """Write once; return whether the rule answered."""
        self._messages += 1
        timestamp = str(int(time.time()))
        sealed = CRYPT.seal(
            f"<xml><ToUserName>gh_bench</ToUserName><FromUserName>{self._openid}</FromUserName>"
            f"<CreateTime>{timestamp}</CreateTime><MsgType>text</MsgType><Content>在吗</Content>"
            f"<MsgId>{self._messages}</MsgId></xml>".encode()
        )
        query = urlencode(
            {
                "signature": sign(TOKEN, timestamp, "1"),
                "timestamp": timestamp,
                "nonce": "1",
                "openid": self._openid,
                "encrypt_type": "aes",
                "msg_signature": CRYPT.sign_sealed(sealed, timestamp=timestamp, nonce="1"),
            }
        )
        body = f"<xml><ToUserName>gh_bench</ToUserName><Encrypt>{sealed}</Encrypt></xml>"
        began = time.perf_counter()
        self._connection.request("POST", f"{self._path}?{query}", body, {"content-type": "text/xml"})
        answer = self._connection.getresponse()
        answered = answer.status == 200 and b"<Encrypt>" in answer.read()
        self.waits_ms.append((time.perf_counter() - began) * 1_000)
        return answered

    def ask_until(self, done: threading.Event) -> None:
        """Write again and again until ``done``."""
        while not done.is_set():
            self.unanswered += not self.ask()


def connect_account(platform: Platform) -> str:
    """Connect an account with one rule; return the path of its callbacks."""
    account = {"app_id": APP_ID, "app_secret": "0" * 32, "token": TOKEN, "encoding_aes_key": AES_KEY}
    connected = platform.post("/api/v1/channels/official-accounts", {**account, "name": "Bench"})
    rule = {
        "name": "在吗",
        "trigger": "keyword",
        "keywords": [{"match": "exact", "text": "在吗"}],
        "contents": [{"kind": "text", "text": "在的"}],
    }
    platform.post(f"/api/v1/channels/official-accounts/{connected['account']['id']}/replies", rule)
    return urlsplit(connected["setup"]["url"]).path


def wait_until_answered(follower: Follower) -> None:
    """Return when the door knows the rule."""
    give_up_at = time.monotonic() + RULE_KNOWN_LIMIT_S
    while not follower.ask():
        if time.monotonic() > give_up_at:
            raise TimeoutError("the rule does not answer")
        time.sleep(0.1)
    follower.waits_ms.clear()


def start_import(platform: Platform, directory: Path, rows: int) -> None:
    """Begin the import and return when it writes."""
    (directory / "events.toml").write_text(MAP)
    with (directory / "events.csv").open("w") as file:
        file.write("id,user,at\n")
        for row in range(rows):
            file.write(f"e{row},u{row % 20_000},2026-03-{row % 27 + 1:02d} 10:{row % 60:02d}:00\n")
    order = {
        "kind": "events",
        "path": str(directory / "events.csv"),
        "map_path": str(directory / "events.toml"),
        "dry_run": False,
    }
    platform.post("/api/v1/imports/local", order)
    while not _import(platform)["events_written"]:
        time.sleep(0.05)


def _import(platform: Platform) -> dict[str, object]:
    run: dict[str, object] = platform.get("/api/v1/imports")["items"][0]
    return run


def main(rows: int = ROWS) -> None:
    """Measure, check, and print one line of JSON."""
    with scratch_directory() as place, running_platform(place / "data", "--no-demo") as platform:
        path = connect_account(platform)
        followers = [Follower(platform, path, number) for number in range(1, FOLLOWERS + 1)]
        wait_until_answered(followers[0])
        start_import(platform, place, rows)
        began = time.monotonic()
        done = threading.Event()
        threads = [threading.Thread(target=one.ask_until, args=(done,)) for one in followers]
        for thread in threads:
            thread.start()
        while (state := _import(platform)["status"]) == "running":
            time.sleep(0.2)
        seconds = time.monotonic() - began
        done.set()
        for thread in threads:
            thread.join()
    waits = [wait for one in followers for wait in one.waits_ms]

    def check() -> None:
        unanswered = sum(one.unanswered for one in followers)
        if state != "completed" or unanswered:
            raise WrongResult(f"the import ended {state}; {unanswered} of {len(waits)} were not answered")

    result = Result(
        name="replies to followers during a full-speed import, p99",
        figure=round(statistics.quantiles(waits, n=100)[98]),
        unit="ms",
        aim=Aim(figure_max=1_000),
        details={
            "answers": len(waits),
            "p50_ms": round(statistics.median(waits)),
            "max_ms": round(max(waits)),
            "followers": FOLLOWERS,
            "import_rows": rows,
            "import_rows_per_s": round(rows / seconds),
        },
    )
    report(result, check)


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:2]))
