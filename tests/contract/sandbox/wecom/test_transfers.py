"""Passing customers on: 24 hours, refusal, limits, and those of members who left."""

from pathlib import Path
from typing import Any

from contract.sandbox.conftest import StartRig
from contract.sandbox.wecom.corp import Company, Hooks
from wechat_sandbox.clock import DAY_S
from wechat_sandbox.heartbeat import catch_up

TRANSFER, RESULT = "/externalcontact/transfer_customer", "/externalcontact/transfer_result"
PAIR = {"handover_userid": "staff01", "takeover_userid": "staff02"}


async def begin(company: Company, *externals: str, **more: Any) -> list[int]:
    answer = await company.ok(TRANSFER, PAIR | {"external_userid": list(externals)} | more)
    assert [one["external_userid"] for one in answer["customer"]] == list(externals)
    return [one["errcode"] for one in answer["customer"]]


async def statuses(company: Company, path: str = RESULT) -> list[int]:
    return [one["status"] for one in (await company.ok(path, PAIR))["customer"]]


async def wait(company: Company, seconds: float) -> None:
    company.rig.clock.advance(seconds)
    catch_up(company.rig.world, company.rig.clock.now())


async def test_a_customer_passes_after_a_day(company: Company) -> None:
    external = await company.add(3, "staff01", state="s1")
    assert await begin(company, external, transfer_success_msg="您好,我是新顾问") == [0]
    assert await statuses(company) == [2]
    await wait(company, DAY_S - 1)
    assert await statuses(company) == [2]
    await wait(company, 1)
    (done,) = (await company.ok(RESULT, PAIR))["customer"]
    assert (done["status"], done["takeover_time"]) == (1, int(company.rig.clock.now()))
    told = [(one["ChangeType"], one["UserID"]) for one in await company.events()][1:]
    assert told == [("del_external_contact", "staff01"), ("add_external_contact", "staff02")]
    events = await company.events()
    assert events[1]["Source"] == "DELETE_BY_TRANSFER"
    assert "WelcomeCode" not in events[2]
    read = await company.ok("/externalcontact/get", external_userid=external)
    (relation,) = read["follow_user"]
    assert (relation["userid"], relation["add_way"], relation["state"]) == ("staff02", 202, "s1")


async def test_a_customer_may_refuse(company: Company) -> None:
    external = await company.add(3, "staff01")
    await begin(company, external)
    await company.control("POST", "/customers/3/refuse-transfer")
    assert await statuses(company) == [3]
    (told,) = await company.events("transfer_fail")
    assert (told["FailReason"], told["UserID"], told["ExternalUserID"]) == (
        "customer_refused",
        "staff02",
        external,
    )
    await wait(company, 2 * DAY_S)
    assert (await company.ok("/externalcontact/list", userid="staff01"))["external_userid"] == [external]


async def test_a_full_member_takes_nobody_over(company: Company) -> None:
    external = await company.add(3, "staff01")
    await begin(company, external)
    await company.control("PUT", "/staff/staff02", {"customer_limit": 0})
    await wait(company, DAY_S)
    assert await statuses(company) == [4]
    (told,) = await company.events("transfer_fail")
    assert told["FailReason"] == "customer_limit_exceed"


async def test_each_customer_has_a_code_of_its_own(company: Company) -> None:
    mine, other = await company.add(3, "staff01"), await company.add(4, "staff05")
    assert await begin(company, mine, other, "wm0") == [0, 40131, 40096]
    assert await begin(company, mine) == [40129]
    await company.control("PUT", "/staff/staff02", {"verified": False})
    assert await begin(company, other) == [40098]
    await company.control("PUT", "/staff/staff02", {"verified": True, "limited": True})
    assert await begin(company, other) == [40143]
    await company.control("PUT", "/staff/staff02", {"limited": False, "customer_limit": 0})
    assert await begin(company, other) == [40099]
    body = PAIR | {"external_userid": [mine]}
    assert await company.code(TRANSFER, body | {"takeover_userid": "staff01"}) == 40130
    assert await company.code(TRANSFER, body | {"takeover_userid": "nobody"}) == 60111
    assert await company.code(TRANSFER, body | {"external_userid": []}) == 41035
    assert await company.code(TRANSFER, body | {"external_userid": [f"wm{n}" for n in range(101)]}) == 40058
    long_ago = {"last_login_at": company.rig.clock.now() - 366.0 * DAY_S}
    await company.control("PUT", "/staff/staff01", long_ago)
    assert await company.code(TRANSFER, body) == 40205


async def test_nobody_is_passed_on_more_than_twice_in_ninety_days(company: Company) -> None:
    external = await company.add(3, "staff01")
    pairs = [("staff01", "staff02"), ("staff02", "staff01"), ("staff01", "staff02")]
    codes = []
    for handover, takeover in pairs:
        body = {"handover_userid": handover, "takeover_userid": takeover, "external_userid": [external]}
        codes.append((await company.ok(TRANSFER, body))["customer"][0]["errcode"])
        await wait(company, DAY_S)
    assert codes == [0, 0, 40128]
    await wait(company, 90 * DAY_S)
    assert await begin(company, external) == [0]


async def test_customers_of_who_left_wait_for_somebody(company: Company) -> None:
    externals = [await company.add(person, "staff01") for person in range(3)]
    body = PAIR | {"external_userid": [externals[0]]}
    assert await company.code("/externalcontact/resigned/transfer_customer", body) == 40097
    await company.control("POST", "/staff/staff01/leave")
    left_at = int(company.rig.clock.now())
    assert await company.code("/externalcontact/list", userid="staff01") == 60111
    page = await company.ok("/externalcontact/get_unassigned_list", {"page_size": 2})
    assert page["info"][0] == {
        "handover_userid": "staff01",
        "external_userid": externals[0],
        "dimission_time": left_at,
    }
    assert page["is_last"] is False
    rest = await company.ok(
        "/externalcontact/get_unassigned_list", {"page_size": 2, "cursor": page["next_cursor"]}
    )
    assert (len(rest["info"]), rest["is_last"], rest["next_cursor"]) == (1, True, "")
    of_old = await company.ok("/externalcontact/get_unassigned_list", {"page_size": 2, "page_id": 1})
    assert of_old["info"] == rest["info"]
    begun = await company.ok("/externalcontact/resigned/transfer_customer", body)
    assert begun["customer"][0]["errcode"] == 0
    again = await company.ok("/externalcontact/resigned/transfer_customer", body)
    assert again["customer"][0]["errcode"] == 40100
    await wait(company, DAY_S)
    assert await statuses(company, "/externalcontact/resigned/transfer_result") == [1]
    left = await company.ok("/externalcontact/get_unassigned_list", {})
    assert [one["external_userid"] for one in left["info"]] == externals[1:]
    assert await company.code(TRANSFER, body) == 60111


async def test_the_paths_of_old_take_one_customer(company: Company) -> None:
    external = await company.add(3, "staff01")
    body = PAIR | {"external_userid": external}
    assert await company.code("/externalcontact/transfer", body) == 40097
    await company.control("POST", "/staff/staff01/leave")
    await company.ok("/externalcontact/transfer", body)
    assert await company.code("/externalcontact/transfer", body) == 40100
    result = await company.ok("/externalcontact/get_transfer_result", body)
    assert (result["status"], result["takeover_time"]) == (2, 0)
    assert (
        await company.code("/externalcontact/get_transfer_result", body | {"external_userid": "x"}) == 40096
    )


async def test_a_transfer_goes_on_after_a_restart(start_rig: StartRig, hooks: Hooks, tmp_path: Path) -> None:
    state = tmp_path / "s.db"
    company = await Company.make(await start_rig(state=state), hooks)
    external = await company.add(3, "staff01")
    await begin(company, external)
    await company.rig.stop()
    rig = await start_rig(state=state)
    again = Company(rig, rig.world.get_corp(company.corp.corpid), hooks)
    assert len((await again.control("GET", "/transfers"))["items"]) == 1
    await wait(again, DAY_S)
    assert await statuses(again) == [1]
