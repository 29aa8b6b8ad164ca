"""The built mini-program SDK on Node, against a running platform: the log holds what the program did."""

import json
import re
import subprocess
import uuid
from pathlib import Path

import pytest

from contract.conformance.program import find_node
from support.processes import HTTP, eventually
from support.running import RunningPlatform

PROGRAM = Path(__file__).parent / "programs" / "miniprogram.cjs"
SDK = Path(__file__).parents[2] / "web" / "dist" / "sdk" / "quanyu-miniprogram.js"


def test_what_a_mini_program_does_is_in_the_log(running_platform: RunningPlatform) -> None:
    if not SDK.is_file():
        pytest.skip(f"the SDKs are not built: run `make console` ({SDK} is missing)")
    mark = f"mini{uuid.uuid4().hex[:12]}"
    command = [find_node(), str(PROGRAM), str(SDK), running_platform.url, running_platform.write_key, mark]

    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["left"] == 0
    assert re.fullmatch(rf"/{mark}/tea\?id=7&qy_share=[0-9a-f]{{16}}-3", said["shared"])
    rows = running_platform.platform.rows(
        "SELECT kind, name, properties, context FROM log_event "
        "WHERE source = 'website' AND context->>'campaign' = %s ORDER BY position",
        mark,
    )
    assert [(row[0], row[1]) for row in rows] == [
        ("track", "Share Opened"),
        ("track", "Application Installed"),
        ("track", "Application Opened"),
        ("page", "Page Viewed"),
        ("track", "Page Shared"),
        ("identify", "Identify"),
        ("track", mark),
        ("track", "Application Backgrounded"),
    ]
    for _, _, _, context in rows:
        assert context == {
            "channel": "mini_program",
            "app": "wx1234567890abcdef",
            "scene": "1047",
            "campaign": mark,
            "device": "mobile",
        }
    named = {row[1]: row[2] for row in rows}
    assert named["Share Opened"]["share_id"] == "friend"
    assert named["Page Viewed"]["path"] == f"{mark}/tea"
    assert (named["Page Shared"]["from"], named["Page Shared"]["depth"]) == ("button", 3)
    assert named[mark] == {
        "product_id": "tea-1",
        "from_share": "friend",
        "share_depth": 2,
        "page_path": f"{mark}/tea",
        "os": "android",
        "locale": "zh_CN",
    }

    def is_known() -> bool:
        found = [running_platform.get("/api/v1/people", q=f"{mark}-{one}") for one in ("user", "openid")]
        people = [page["items"][0]["id"] for page in found if page["items"]]
        return len(people) == 2 and len(set(people)) == 1

    eventually(is_known, what="the user and the openid to be one person")


def test_the_sdks_are_served_to_every_site(
    running_platform: RunningPlatform,
) -> None:
    if not SDK.is_file():
        pytest.skip(f"the SDKs are not built: run `make console` ({SDK} is missing)")
    for name in ("quanyu.js", "quanyu-miniprogram.js"):
        url = f"{running_platform.url}/sdk/{name}"
        first = HTTP.get(url, headers={"origin": "https://shop.example"})
        again = HTTP.get(url, headers={"if-none-match": first.headers["etag"]})

        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
        assert first.headers["content-type"].startswith("text/javascript")
        assert first.headers["cache-control"] == "public, max-age=3600, stale-while-revalidate=86400"
        assert first.headers["access-control-allow-origin"] == "*"
        assert len(first.content) > 3_000
    assert HTTP.get(f"{running_platform.url}/sdk/other.js").status_code == 404
