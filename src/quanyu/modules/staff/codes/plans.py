"""From what people write to what the rules decide on."""

from quanyu.modules.staff.codes.contracts import DutyPlan, DutyWindow, LiveCodeDraft, LiveCodeMember
from quanyu.modules.staff.codes.rules import Member, Plan
from quanyu.modules.staff.codes.schedules import Schedule, Shift, SpecialDates, Window


def plan_of(draft: LiveCodeDraft) -> Plan:
    """Return the plan a draft describes."""
    return Plan(
        members=tuple(map(_member, draft.members)),
        schedule=_schedule(draft),
        distribution=draft.distribution,
        backup=tuple(map(_member, draft.backup)),
        hard_cap=draft.hard_cap,
        keeper=draft.keeper,
        acceptance=draft.acceptance,
        accept_windows=tuple(map(_window, draft.accept_windows)),
    )


def everybody(draft: LiveCodeDraft) -> tuple[str, ...]:
    """Return the user id of everybody a draft names, each once."""
    keeper = (draft.keeper,) if draft.keeper else ()
    userids = [member.userid for member in (*draft.members, *draft.backup)]
    return tuple(dict.fromkeys((*userids, *keeper)))


def cap_of(draft: LiveCodeDraft, userid: str) -> int | None:
    """Return the daily cap that binds a member of the code: backup members only if caps are hard."""
    for member in draft.members:
        if member.userid == userid:
            return member.daily_cap
    if draft.hard_cap:
        for member in draft.backup:
            if member.userid == userid:
                return member.daily_cap
    return None


def _schedule(draft: LiveCodeDraft) -> Schedule:
    plan: DutyPlan = draft.schedule
    all_members = tuple(member.userid for member in draft.members)
    return Schedule(
        special=tuple(
            SpecialDates(
                first=special.first,
                last=special.last,
                shifts=tuple(
                    Shift(window=_window(shift), userids=frozenset(shift.userids)) for shift in special.shifts
                ),
                like_weekday=special.like_weekday,
            )
            for special in plan.special
        ),
        weekly=tuple(
            Shift(
                window=_window(shift),
                userids=frozenset(shift.userids),
                weekdays=frozenset(shift.weekdays),
            )
            for shift in plan.weekly
        ),
        otherwise=frozenset(all_members if plan.otherwise is None else plan.otherwise),
    )


def _window(window: DutyWindow) -> Window:
    return Window(start=window.start, end=window.end)


def _member(member: LiveCodeMember) -> Member:
    return Member(
        userid=member.userid,
        weight=member.weight,
        daily_cap=member.daily_cap,
        held_cap=member.held_cap,
    )
