"""Pure rules: clock, XML, answer windows, tokens, faults, configuration."""

from pathlib import Path
from typing import Any

import pytest

from wechat_sandbox.clock import InvalidClock, VirtualClock, china_day, iso
from wechat_sandbox.config import InvalidConfig, load
from wechat_sandbox.faults import FaultPlan, InvalidFault
from wechat_sandbox.tokens import TokenBook
from wechat_sandbox.windows import Grant, Trigger, open_grant, spend
from wechat_sandbox.wire.errors import PlatformError
from wechat_sandbox.wire.xml import InvalidXml, document, parse

NOON = 1_772_337_600.0  # 2026-03-01 04:00:00 UTC, noon in China.


def code_of(call: Any, *args: Any) -> int:
    with pytest.raises(PlatformError) as caught:
        call(*args)
    return caught.value.code


class TestClock:
    def test_virtual_time_runs_at_its_rate(self) -> None:
        clock = VirtualClock(100.0, NOON, 60.0, real_now=lambda: 102.5)
        assert clock.now() == NOON + 150.0

    def test_unset_means_real_time(self) -> None:
        assert VirtualClock.from_env({}).rate == 1.0
        assert VirtualClock.from_env({"QUANYU_CLOCK": "5:10:2"}) == VirtualClock(5.0, 10.0, 2.0)

    @pytest.mark.parametrize("setting", ["1:2", "a:b:c", "1:2:0", "1:2:-3", "1:2:3:4"])
    def test_bad_settings_are_refused(self, setting: str) -> None:
        with pytest.raises(InvalidClock):
            VirtualClock.parse(setting)

    def test_instants_are_written_in_utc_and_days_in_china(self) -> None:
        assert iso(NOON) == "2026-03-01T04:00:00.000Z"
        assert china_day(NOON + 12 * 3600) == "2026-03-02"


class TestXml:
    def test_text_is_cdata_and_numbers_are_plain(self) -> None:
        written = document({"ToUserName": "gh_1", "CreateTime": 5, "Nest": {"A": "x"}, "L": ["a", "b"]})
        assert written == (
            "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><CreateTime>5</CreateTime>"
            "<Nest><A><![CDATA[x]]></A></Nest><L><![CDATA[a]]></L><L><![CDATA[b]]></L></xml>"
        )
        assert parse(written) == {
            "ToUserName": "gh_1",
            "CreateTime": "5",
            "Nest": {"A": "x"},
            "L": ["a", "b"],
        }

    def test_a_closing_mark_inside_text_survives(self) -> None:
        assert parse(document({"Content": "a]]>b"})) == {"Content": "a]]>b"}

    @pytest.mark.parametrize(
        "text", ["", "<xml>", "<other/>", '<!DOCTYPE xml [<!ENTITY a "b">]><xml><C>&a;</C></xml>']
    )
    def test_what_is_no_message_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidXml):
            parse(text)


class TestWindows:
    def test_a_message_opens_five_answers_in_48_hours(self) -> None:
        grants = {"message": open_grant(Trigger.MESSAGE, NOON)}
        for _ in range(5):
            grants = spend(grants, NOON + 48 * 3600 - 1)
        assert code_of(spend, grants, NOON + 48 * 3600 - 1) == 45047
        assert code_of(spend, {"message": open_grant(Trigger.MESSAGE, NOON)}, NOON + 48 * 3600) == 45015

    @pytest.mark.parametrize("trigger", [Trigger.CLICK, Trigger.FOLLOW, Trigger.SCAN])
    def test_other_triggers_open_three_in_a_minute(self, trigger: Trigger) -> None:
        grants = {trigger.value: open_grant(trigger, NOON)}
        for _ in range(3):
            grants = spend(grants, NOON + 59)
        assert code_of(spend, grants, NOON + 59) == 45047
        assert code_of(spend, grants, NOON + 60) == 45015

    def test_the_budget_that_ends_first_pays(self) -> None:
        grants = {"message": open_grant(Trigger.MESSAGE, NOON), "click": open_grant(Trigger.CLICK, NOON)}
        assert spend(grants, NOON + 1) == {
            "message": Grant(NOON + 48 * 3600, 5),
            "click": Grant(NOON + 60, 2),
        }

    def test_nothing_open_is_out_of_time(self) -> None:
        assert code_of(spend, {}, NOON) == 45015


class TestTokens:
    def test_a_superseded_classic_token_lives_five_minutes(self) -> None:
        book = TokenBook()
        first = book.issue_classic(NOON).value
        second = book.issue_classic(NOON + 100).value
        assert first != second
        book.check(first, NOON + 399)
        assert code_of(book.check, first, NOON + 400) == 40001
        book.check(second, NOON + 400)

    def test_tokens_expire_after_two_hours(self) -> None:
        book = TokenBook()
        token = book.issue_classic(NOON)
        assert token.lasts_s(NOON) == 7200
        book.check(token.value, NOON + 7199)
        assert code_of(book.check, token.value, NOON + 7200) == 42001

    def test_the_stable_token_stays_the_same_until_five_minutes_before_its_end(self) -> None:
        book = TokenBook()
        first = book.issue_stable(NOON)
        again = book.issue_stable(NOON + 6899)
        assert (again.value, again.lasts_s(NOON + 6855)) == (first.value, 345)
        rotated = book.issue_stable(NOON + 6900)
        assert rotated.value != first.value
        book.check(first.value, NOON + 7199)
        assert code_of(book.check, first.value, NOON + 7200) == 42001

    def test_the_families_do_not_touch_each_other(self) -> None:
        book = TokenBook()
        stable = book.issue_stable(NOON).value
        for offset in range(3):
            book.issue_classic(NOON + offset)
        book.check(stable, NOON + 1000)

    def test_forcing_voids_the_stable_token_at_once(self) -> None:
        book = TokenBook()
        first = book.issue_stable(NOON).value
        second = book.force_stable(NOON + 1).value
        assert code_of(book.check, first, NOON + 1) == 40001
        book.check(second, NOON + 1)

    def test_forcing_is_limited(self) -> None:
        book = TokenBook()
        book.force_stable(NOON)
        assert code_of(book.force_stable, NOON + 29) == 45011
        for count in range(1, 20):
            book.force_stable(NOON + 30 * count)
        assert code_of(book.force_stable, NOON + 600) == 45009
        book.force_stable(NOON + 86_400)

    def test_what_is_no_token_is_malformed(self) -> None:
        book = TokenBook()
        assert code_of(book.check, "nonsense", NOON) == 40014
        assert code_of(book.check, "77_" + "a" * 130, NOON) == 40001


class TestFaults:
    def test_a_rule_applies_as_often_as_it_says(self) -> None:
        plan = FaultPlan(1)
        plan.add({"path": "/cgi-bin/token", "errcode": -1, "times": 2})
        picked = [plan.pick("/cgi-bin/token", "") is not None for _ in range(4)]
        assert picked == [True, True, False, False]

    def test_a_prefix_and_an_account_can_be_named(self) -> None:
        plan = FaultPlan(1)
        plan.add({"path": "/cgi-bin/message/*", "appid": "wx1", "http_status": 503})
        assert plan.pick("/cgi-bin/message/custom/send", "wx1") is not None
        assert plan.pick("/cgi-bin/message/custom/send", "wx2") is None
        assert plan.pick("/cgi-bin/user/info", "wx1") is None

    @pytest.mark.parametrize(
        "description",
        [
            {},
            {"path": "x"},
            {"path": "/a", "wrong": 1},
            {"path": "/a", "http_status": 200},
            {"path": "/a", "delay_s": -1},
        ],
    )
    def test_bad_rules_are_refused(self, description: dict[str, Any]) -> None:
        with pytest.raises(InvalidFault):
            FaultPlan(1).add(description)


class TestConfig:
    def test_flags_win_over_the_file(self, tmp_path: Path) -> None:
        path = tmp_path / "sandbox.toml"
        path.write_text(
            'port = 1\npeople = 5\nstate = "s.db"\n[tracking]\nurl = "http://127.0.0.1:1"\nwrite_key = "k"\n'
            '[[account]]\ncallback_url = "http://127.0.0.1:1/cb"\n',
            encoding="utf-8",
        )
        config = load(path, {"port": 2, "seed": None})
        assert (config.port, config.people, config.tracking_url, config.write_key) == (
            2,
            5,
            "http://127.0.0.1:1",
            "k",
        )
        assert config.accounts == ({"callback_url": "http://127.0.0.1:1/cb"},)

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            ("prot = 1", "unknown setting: prot"),
            ("port = 99999", "port is between"),
            ("[tracking]\nkey = 1", "unknown setting: tracking.key"),
            ("[tracking]\nurl = 'ftp://x'", "not an http address"),
            ("port = ", "is not TOML"),
            ("people = 300000", "people is between"),
        ],
    )
    def test_bad_files_are_refused(self, tmp_path: Path, content: str, complaint: str) -> None:
        path = tmp_path / "sandbox.toml"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(InvalidConfig, match=complaint):
            load(path, {})

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidConfig, match="cannot read"):
            load(tmp_path / "none.toml", {})
