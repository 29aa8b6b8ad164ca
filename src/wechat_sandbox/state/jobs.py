"""Jobs of the platform that end a moment after the call that began them, also after a restart."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wechat_sandbox.accounts import Account
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.corp import Corp

Owner = Account | Corp
Finish = Callable[[Core, Any, str], None]  # The owner is of the kind the job was begun for.
_FINISHERS: dict[str, Finish] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job under way; ``ref`` names what it works on."""

    kind: str
    ref: str


def finishes(kind: str) -> Callable[[Finish], Finish]:
    """Declare how jobs of a kind end."""

    def keep(finish: Finish) -> Finish:
        _FINISHERS[kind] = finish
        return finish

    return keep


def start_job(world: Core, account: Owner, kind: str, ref: str) -> None:
    """Begin a job; it ends once, a moment later."""
    key = f"{kind}:{ref}"
    _jobs(world).put(account.appid, key, Job(kind=kind, ref=ref))
    world.defer(lambda: _end(world, account, key))


def resume_jobs(world: Core) -> None:
    """Let the jobs end that an earlier run left under way."""
    for account in [*world.accounts.values(), *world.corps]:
        for key, _ in _jobs(world).items(account.appid):
            world.defer(lambda account=account, key=key: _end(world, account, key))  # type: ignore[misc]


def _end(world: Core, account: Owner, key: str) -> None:
    job = _jobs(world).find(account.appid, key)
    if job is None:
        return  # The play was reset in the meantime.
    _jobs(world).drop(account.appid, key)
    _FINISHERS[job.kind](world, account, job.ref)


def _jobs(world: Core) -> Shelf[Job]:
    return Shelf(world.store, "job", Job)
