"""What the companies' page shows of customers, codes and callbacks."""

from contract.sandbox.wecom.corp import AGENT, Company
from wechat_sandbox.state.wecom.corp import agent_scope


async def test_the_page_sees_staff_codes_and_customers_but_no_secret(company: Company) -> None:
    made = await company.ok(
        "/externalcontact/add_contact_way", {"type": 1, "scene": 2, "user": ["staff01"], "state": "s1"}
    )
    await company.control("POST", "/customers/3/scan", {"code": made["qr_code"]})
    await company.act(3, "say", "staff01", text="在吗")
    tags = (await company.control("POST", "/tags", {"group_name": "级", "names": ["VIP"]}))["tags"]
    edit = {"userid": "staff01", "tag_ids": [tags[0]["id"]]}
    await company.control("PATCH", "/customers/3/edit", edit)
    asks = await company.ok(
        "/externalcontact/add_contact_way",
        {"type": 1, "scene": 2, "user": ["staff02"], "skip_verify": False},
    )
    await company.control("POST", "/customers/4/scan", {"code": asks["qr_code"]})
    app = {"touser": "staff01", "agentid": AGENT, "msgtype": "text", "text": {"content": "提醒"}}
    await company.ok("/message/send", app, by=agent_scope(AGENT))
    await company.rig.settled()
    (corp,) = (await company.rig.control("GET", "/phone/corps"))["items"]
    shown = await company.rig.control("GET", f"/phone/corps/{corp['corpid']}")
    assert shown["is_heard"] is True
    assert [way["state"] for way in shown["ways"]] == ["s1", ""]
    status, _, headers = await company.rig.fetch(shown["ways"][0]["picture"])
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    assert [one["userid"] for one in shown["requests"]] == ["staff02"]
    assert {one["state"] for one in shown["callbacks"]} == {"delivered"}
    assert shown["callbacks"][0]["event"] == "change_external_contact"
    phone = await company.rig.control("GET", f"/phone/corps/{corp['corpid']}/staff01")
    (customer,) = phone["customers"]
    assert (customer["index"], customer["state"], customer["tags"]) == (3, "s1", ["VIP"])
    assert customer["last"] == "在吗"
    assert [one["body"]["content"] for one in phone["messages"]] == ["提醒"]
    for secret in dict(company.corp.all_secrets()).values():
        assert secret not in str(shown) + str(corp) + str(phone)


async def test_a_member_opens_the_page_beside_chats_as_themselves(company: Company) -> None:
    path = f"/sandbox/phone/corps/{company.corp.corpid}/staff01/toolbar/{AGENT}"
    status, _, _ = await company.rig.fetch(path)
    assert status == 404  # No page is set.
    await company.control("PUT", f"/agents/{AGENT}", {"toolbar_url": "https://brand.example/side?a=1"})
    (corp,) = (await company.rig.control("GET", "/phone/corps"))["items"]
    assert corp["toolbar"] == [{"agentid": AGENT, "name": "全域助手"}]
    status, _, headers = await company.rig.fetch(path)
    assert (status, headers["Location"]) == (303, "https://brand.example/side?a=1")
    assert headers["Set-Cookie"].startswith("wechat_sandbox_member=staff01;")
