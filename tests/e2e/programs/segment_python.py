"""Sends one event of each kind with segment-analytics-python as its users would: url, write key, mark."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

from segment.analytics.client import Client

URL, WRITE_KEY, MARK = sys.argv[1:4]
WHEN = datetime(2026, 3, 4, 4, 0, 0, 123000, tzinfo=UTC)


def main() -> None:
    failed: list[str] = []
    client = Client(
        WRITE_KEY,
        host=URL,
        gzip=True,
        upload_size=10,
        on_error=lambda error, items: failed.append(f"{error}: {len(items)}"),
    )
    user = f"{MARK}-user"

    def own(message_id: str) -> dict[str, Any]:
        return {"message_id": f"{MARK}-{message_id}", "timestamp": WHEN}

    client.identify(user, {"city": "杭州", "level": 3}, **own("identify"))
    client.track(
        user,
        "Order Completed",
        {
            "order_id": f"{MARK}-1",
            "revenue": 25.5,
            "currency": "CNY",
            "products": [{"product_id": "tea", "price": 25.5, "quantity": 1}],
        },
        context={
            "channel": "web",
            "campaign": {"name": "spring", "source": "poster", "medium": "qr"},
            "page": {"path": "/tea"},
        },
        integrations={"All": False, "Mixpanel": True},
        **own("track"),
    )
    visitor = f"{MARK}-visitor"
    client.page(
        anonymous_id=visitor, category="商城", name="春茶", properties={"path": "/spring"}, **own("page")
    )
    client.screen(anonymous_id=visitor, name="首页", **own("screen"))
    client.group(user, f"{MARK}-group", {"size": 12}, **own("group"))
    client.alias(visitor, user, **own("alias"))
    for n in range(25):
        client.track(user, "Batched", {"n": n}, **own(f"batched-{n}"))
    client.flush()
    client.join()
    print(json.dumps(failed))


main()
