"""What a case finds at a company: staff, customers, tags, codes, files."""

from functools import cached_property
from typing import Any

from contract.conformance.worlds.ground import Ground

ROOT = "/cgi-bin"
AGENT = 1_000_002


class CompanyWorld(Ground):
    """The company of one case; things are made when a case first asks for them."""

    @property
    def corp(self) -> dict[str, Any]:
        return self.platform.company

    def get(self, path: str, by: str = "customers", **query: Any) -> dict[str, Any]:
        return self.platform.get(f"{ROOT}{path}", self.platform.secret_of(by), **query)

    def post(self, path: str, body: dict[str, Any], by: str = "customers", **query: Any) -> dict[str, Any]:
        return self.platform.post(f"{ROOT}{path}", body, self.platform.secret_of(by), **query)

    def act(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self.platform.control(method, f"/corps/{self.corp['corpid']}{path}", body)

    @cached_property
    def customer(self) -> str:
        """A customer of staff01."""
        return str(
            self.act("POST", "/customers/3/add", {"userid": "staff01", "state": "s1"})["external_userid"]
        )

    def links(self) -> list[dict[str, Any]]:
        return list(self.get("/externalcontact/get", external_userid=self.customer)["follow_user"])

    @cached_property
    def welcome_code(self) -> str:
        """A code of a moment ago."""
        assert self.customer
        return str(self.act("GET", "/welcomes")["items"][0]["code"])

    @cached_property
    def group(self) -> dict[str, Any]:
        body = {"group_name": "等级", "tag": [{"name": "VIP"}, {"name": "普通"}]}
        return dict(self.post("/externalcontact/add_corp_tag", body)["tag_group"])

    @property
    def tag(self) -> str:
        return str(self.group["tag"][0]["id"])

    def tag_names(self) -> list[str]:
        groups = self.post("/externalcontact/get_corp_tag_list", {})["tag_group"]
        return [tag["name"] for group in groups for tag in group["tag"]]

    @cached_property
    def way(self) -> str:
        body = {"type": 1, "scene": 2, "user": ["staff01"], "state": "s1"}
        return str(self.post("/externalcontact/add_contact_way", body)["config_id"])

    def shown_way(self) -> dict[str, Any]:
        body = {"config_id": self.way}
        return dict(self.post("/externalcontact/get_contact_way", body)["contact_way"])

    @cached_property
    def left(self) -> str:
        """A customer of staff01, who has left."""
        customer = self.customer
        self.act("POST", "/staff/staff01/leave")
        return customer

    @cached_property
    def member_tag(self) -> int:
        tagid = self.post("/tag/create", {"tagname": "店长"}, "app")["tagid"]
        self.post("/tag/addtagusers", {"tagid": tagid, "userlist": ["staff01"]}, "app")
        return int(tagid)

    def tagged(self) -> list[str]:
        shown = self.get("/tag/get", "app", tagid=self.member_tag)
        return [one["userid"] for one in shown["userlist"]]

    def member(self, userid: str) -> dict[str, Any]:
        return self.get("/user/get", "contacts", userid=userid)

    def userids(self) -> list[str]:
        places = self.post("/user/list_id", {}, "contacts")["dept_user"]
        return [one["userid"] for one in places]

    def departments(self) -> list[str]:
        return [one["name"] for one in self.get("/department/list", "contacts")["department"]]

    @cached_property
    def chat(self) -> str:
        body = {"name": "项目", "userlist": ["staff01", "staff02"]}
        return str(self.post("/appchat/create", body, "app")["chatid"])

    @cached_property
    def menu(self) -> list[dict[str, Any]]:
        buttons = [{"type": "click", "name": "打卡", "key": "CHECK_IN"}]
        self.post("/menu/create", {"button": buttons}, "app", agentid=AGENT)
        return buttons

    def shown_menu(self) -> list[dict[str, Any]]:
        return list(self.get("/menu/get", "app", agentid=AGENT)["button"])

    def inbox(self, userid: str = "staff01") -> list[dict[str, Any]]:
        """Return what apps have sent a member, newest first."""
        return list(self.act("GET", f"/staff/{userid}/messages")["items"])

    def media(self, name: str, kind: str) -> str:
        """Return the id of a file."""
        account = self.platform.secret_of("contacts")
        sent = self.platform.upload(f"{ROOT}/media/upload", self.files / name, account, type=kind)
        return str(sent["media_id"])

    @cached_property
    def table(self) -> str:
        """A file of members."""
        file = self.files / "members.csv"
        file.write_text("姓名,帐号,手机号,所在部门\n王一,wang,13700000001,2\n", encoding="utf-8")
        return self.media("members.csv", "file")

    @cached_property
    def job(self) -> str:
        """A job from a file that has ended."""
        jobid = str(self.post("/batch/syncuser", {"media_id": self.table}, "contacts")["jobid"])
        self.settle()
        return jobid

    @cached_property
    def code(self) -> str:
        """The code of a member who looks at a page of the app."""
        query = {
            "appid": self.corp["corpid"],
            "redirect_uri": "https://shop.example/side",
            "response_type": "code",
            "scope": "snsapi_base",
            "state": "s1",
            "member": "staff01",
        }
        return self.platform.led_back("/connect/oauth2/authorize", **query)["code"]
