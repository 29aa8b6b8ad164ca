"""Making accounts and changing their settings by hand."""

from contract.sandbox.rig import Rig
from wechat_sandbox.accounts import unionid_of


async def test_accounts_can_be_made_while_it_runs(rig: Rig) -> None:
    made = await rig.control(
        "POST", "/accounts", {"kind": "subscription", "certified": False, "name": "茶报"}
    )
    account = made["account"]
    assert (account["kind"], account["certified"], account["name"]) == ("subscription", False, "茶报")
    asked = {"grant_type": "client_credential", "appid": account["appid"], "secret": account["secret"]}
    token = (await rig.post("/cgi-bin/stable_token", asked))["access_token"]
    assert (await rig.get("/cgi-bin/user/get", access_token=token))["total"] == 0
    assert await rig.control("GET", f"/accounts/{account['appid']}") == account
    # The same open-platform account by default, so the same unionid.
    relation = rig.world.get_relation(rig.world.get_account(account["appid"]), 3)
    assert relation.unionid == rig.world.get_relation(rig.account, 3).unionid
    assert relation.unionid == unionid_of("11", rig.account.platform_id, 3)


async def test_wrong_settings_change_nothing(rig: Rig) -> None:
    before = await rig.control("GET", f"/accounts/{rig.account.appid}")
    for body in ({"kind": "shop"}, {"certified": "no"}, {"callback_mode": "loud"}, {"secret": "x"}):
        status, _ = await rig.request("PUT", f"/sandbox/accounts/{rig.account.appid}", json=body)
        assert status == 400
    assert (await rig.request("POST", "/sandbox/accounts", json={"appid": rig.account.appid}))[0] == 400
    assert await rig.control("GET", f"/accounts/{rig.account.appid}") == before
    assert len((await rig.control("GET", "/accounts"))["items"]) == 1
