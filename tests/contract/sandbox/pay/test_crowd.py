"""People of the crowd pay by habit: at once, later, or not at all."""

from collections import Counter
from typing import Any

from contract.sandbox.pay.merchant import Merchant


async def test_the_crowd_pays_leaves_and_fails(start_rig: Any) -> None:
    rig = await start_rig(crowd=True, people=40)
    await rig.control("POST", "/crowd/pause")
    mchid = (await rig.control("GET", "/merchants"))["items"][0]["mchid"]
    merchant = Merchant(rig, await rig.control("GET", f"/merchants/{mchid}"))
    for person in range(40):
        await merchant.place(f"crowd-{person:04d}", payer={"openid": rig.openid(person)})
    rig.sandbox.crowd.advance(rig.clock.now() + 60)
    soon = await states(rig, mchid)
    rig.sandbox.crowd.advance(rig.clock.now() + 7000)
    later = await states(rig, mchid)

    assert soon["SUCCESS"] > 20
    assert later["SUCCESS"] > soon["SUCCESS"]
    assert later["NOTPAY"] > 0
    assert later["SUCCESS"] + later["NOTPAY"] == 40


async def states(rig: Any, mchid: str) -> Counter[str]:
    orders = (await rig.control("GET", f"/merchants/{mchid}/orders"))["items"]
    return Counter(one["state"] for one in orders)
