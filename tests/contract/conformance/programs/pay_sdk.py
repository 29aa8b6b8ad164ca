"""Makes calls with wechatpayv3 as its users would: one JSON line in, one JSON line out.

Runs under ``wechat-sandbox exec``, so that the SDK meets the sandbox under the platform's own name. Takes
``sync`` or ``async`` as its argument. Knows nothing of the tests.
"""

import asyncio
import base64
import inspect
import json
import sys
from typing import Any

IS_ASYNC = sys.argv[1] == "async"
if IS_ASYNC:
    from wechatpayv3.async_ import AsyncWeChatPay as Client
    from wechatpayv3.async_ import WeChatPayType
else:
    from wechatpayv3 import WeChatPay as Client
    from wechatpayv3 import WeChatPayType


def settings(merchant: dict[str, Any], mode: str, appid: str) -> dict[str, Any]:
    """Return what the SDK is made with; with the public key it downloads no certificate."""
    made = {
        "wechatpay_type": WeChatPayType.JSAPI,
        "mchid": merchant["mchid"],
        "private_key": merchant["private_key_pem"],
        "cert_serial_no": merchant["serial_no"],
        "appid": appid,
        "apiv3_key": merchant["api_v3_key"],
        "notify_url": "https://shop.example/notify",
    }
    if mode == "public_key":
        made |= {"public_key": merchant["public_key_pem"], "public_key_id": merchant["public_key_id"]}
    return made


def take(value: Any) -> Any:
    """Return an argument; an enumeration stands as its name."""
    if isinstance(value, dict):
        if "$type" in value:
            return WeChatPayType[value["$type"]]
        return {key: take(one) for key, one in value.items()}
    return [take(one) for one in value] if isinstance(value, list) else value


def give(value: Any) -> Any:
    """Return an answer as JSON can carry it: (status, body)."""
    if isinstance(value, tuple):
        return [give(one) for one in value]
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, str) and value[:1] in ("{", "["):
        return json.loads(value)
    return value


async def make(client: Any, request: dict[str, Any]) -> dict[str, Any]:
    try:
        found = getattr(client, request["call"])
        result = found(*take(request["args"]), **take(request["kwargs"]))
        return {"result": give(await result if inspect.isawaitable(result) else result)}
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        return {"error": {"class": type(error).__name__, "text": text, "errcode": None, "status": None}}


async def main() -> None:
    clients: dict[tuple[str, str], Any] = {}
    for line in sys.stdin:
        request = json.loads(line)
        key = (request["merchant"]["mchid"], request["mode"])
        if key not in clients:
            made = settings(request["merchant"], request["mode"], request["appid"])
            client = Client(**made)
            clients[key] = await client.__aenter__() if IS_ASYNC else client
        # What is no JSON, such as a coroutine the SDK forgot to wait for, goes as its name.
        print(json.dumps(await make(clients[key], request), default=repr), flush=True)


asyncio.run(main())
