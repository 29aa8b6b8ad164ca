"""Makes calls with a Python SDK as its users would: one JSON line in, one JSON line out.

Runs under ``wechat-sandbox exec`` in a process of its own, so that the SDK meets the sandbox under the
platform's own names. Knows nothing of the tests.
"""

import base64
import json
import re
import sys
import types
from collections.abc import Callable
from typing import Any

import requests


def make_wechatpy(appid: str, secret: str) -> dict[str, Any]:
    from wechatpy import WeChatClient
    from wechatpy.oauth import WeChatOAuth

    oauth = WeChatOAuth(appid, secret, "https://shop.example/back", scope="snsapi_userinfo", state="s1")
    return {"client": WeChatClient(appid, secret), "oauth": oauth}


def make_werobot(appid: str, secret: str) -> dict[str, Any]:
    from werobot.client import Client

    return {"client": Client({"APP_ID": appid, "APP_SECRET": secret})}


def make_wechatpy_enterprise(corpid: str, secret: str) -> dict[str, Any]:
    from wechatpy.enterprise import WeChatClient

    return {"client": WeChatClient(corpid, secret)}


def make_wechatpy_work(appid: str, secret: str) -> dict[str, Any]:
    from wechatpy.work import WeChatClient  # Of wechatpy 2, in an environment of its own.

    return {"client": WeChatClient(appid, secret)}


MAKERS: dict[str, Callable[[str, str], dict[str, Any]]] = {
    "wechatpy": make_wechatpy,
    "wechatpy-enterprise": make_wechatpy_enterprise,
    "wechatpy-work": make_wechatpy_work,
    "WeRoBot": make_werobot,
}


def find(roots: dict[str, Any], name: str) -> Any:
    """Return what a dotted name means: of the client, or of another root it begins with."""
    first, _, rest = name.partition(".")
    found = roots[first] if first in roots else getattr(roots["client"], first)
    for part in rest.split(".") if rest else ():
        found = getattr(found, part)
    return found


def take(value: Any) -> Any:
    """Return an argument; a file stands as its path."""
    if isinstance(value, dict):
        return open(value["$file"], "rb") if "$file" in value else {k: take(v) for k, v in value.items()}
    return [take(one) for one in value] if isinstance(value, list) else value


def give(value: Any) -> Any:
    """Return a result as JSON can carry it."""
    if isinstance(value, requests.Response):
        kind = value.headers.get("Content-Type", "")
        return {"status": value.status_code, "type": kind, "content": give(value.content)}
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    return list(value) if isinstance(value, types.GeneratorType) else value


def refusal(error: Exception) -> dict[str, Any]:
    response = getattr(error, "response", None)
    code = re.match(r"(-?\d+): ", str(error))  # WeRoBot tells the platform's code in its text alone.
    return {
        "class": type(error).__name__,
        "text": str(error),
        "errcode": getattr(error, "errcode", int(code[1]) if code else None),
        "status": getattr(response, "status_code", None),
    }


def answer(roots: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    try:
        found = find(roots, request["call"])
        arguments = [take(one) for one in request["args"]]
        result = found(*arguments, **take(request["kwargs"])) if callable(found) else found
        return {"result": give(result)}
    except Exception as error:
        return {"error": refusal(error)}


def main() -> None:
    make = MAKERS[sys.argv[1]]
    clients: dict[str, dict[str, Any]] = {}
    for line in sys.stdin:
        request = json.loads(line)
        appid, secret = request["appid"], request["secret"]
        if request.get("fresh") or appid not in clients:
            clients[appid] = make(appid, secret)
        print(json.dumps(answer(clients[appid], request)), flush=True)


main()
