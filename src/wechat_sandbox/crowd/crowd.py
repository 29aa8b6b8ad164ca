"""The crowd on the clock: an agenda of sessions, played in the order of virtual time.

``advance`` is synchronous and depends only on seed, start and what the product sent to people, so
a run can be repeated. ``run`` keeps it up with the clock.
"""

import asyncio
import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import msgspec

from wechat_sandbox.accounts import OFFICIAL, Account
from wechat_sandbox.clock import DAY_S, Clock
from wechat_sandbox.crowd import behaviour
from wechat_sandbox.crowd.acts import Biography, Later, Session, Step, Track, Unfollow
from wechat_sandbox.crowd.companies import Companies
from wechat_sandbox.crowd.hands import Hands
from wechat_sandbox.crowd.hits import Stay, hit_body, message_id_of
from wechat_sandbox.crowd.paying import plan_payment
from wechat_sandbox.crowd.people import Person, make_person, stream
from wechat_sandbox.crowd.reactions import Occasion, plan_reaction, read
from wechat_sandbox.crowd.staff import MARK
from wechat_sandbox.relations import Relation
from wechat_sandbox.storage import Line, Storage
from wechat_sandbox.tracking import Hit
from wechat_sandbox.world import World

_STEPS_PER_TURN = 200  # Then the event loop has its turn.
_TICK_S = 0.02
_WAIT_MAX_S = 1.0
_LATE_MAX_S = 30.0  # Real seconds a session may be late before it is skipped.


class HitSink(Protocol):
    """Where hits go."""

    def offer(self, hit: Hit) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdRules:
    """How lively the crowd is."""

    seed: int
    people: int
    activity: float = 1.0  # 1 is about half a session per person and day.


class Crowd:
    """All simulated people."""

    def __init__(self, rules: CrowdRules, world: World, store: Storage, hits: HitSink, clock: Clock) -> None:
        self.rules = rules
        self.world = world
        self.store = store
        self.hits = hits
        self.clock = clock
        self.pace = rules.activity
        self.paused = False
        self.counts: dict[str, int] = {}
        self._lives: dict[int, Biography] = {}
        self._heap: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = itertools.count()
        self._woken = asyncio.Event()
        self._accounts: list[Account] = []
        self._hands = Hands(world)
        # What a person does at the cashier: (prepay id, person, outcome, instant).
        self.on_payment: Callable[[str, int, str, float], None] = lambda prepay, person, outcome, at: None
        self._keeps_hours = False  # While history is played nobody is late.
        self.companies = Companies(world, rules.seed, self._add_entry, self.counts)

    # Starting

    def begin(self, at: float) -> None:
        """Load the agenda of an earlier run, or draw everyone's first session."""
        # Nobody follows a mini program.
        self._accounts = [one for one in self.world.accounts.values() if one.kind in OFFICIAL]
        self._lives = {
            person: msgspec.convert(body, Biography) for person, body in self.store.read_biographies()
        }
        begun = int(self.store.read_meta("crowd_begun") or 0)
        if begun < self.rules.people:
            self._draw_first_sessions(begun, at)
            self.store.write_meta("crowd_begun", self.rules.people)
        self._heap.clear()
        for when, entry, person, kind, body in self.store.read_agenda():
            self._push_entry(when, entry, person, kind, body)

    def begin_again(self, at: float) -> None:
        """Start over with nobody knowing the brand, after the storage was emptied."""
        self.store.drop_meta("crowd_begun")
        self.companies.staff.forget()
        self._lives.clear()
        self.begin(at)

    def redraw(self, at: float) -> None:
        """Draw everyone's next session anew, after the pace has changed."""
        others = []
        for when, entry, person, kind, body in list(self.store.read_agenda()):
            if kind == "session":
                self.store.drop_agenda(entry)
            else:
                others.append((when, entry, person, kind, body))
        self._heap.clear()
        for item in others:
            self._push_entry(*item)
        for index in range(self.rules.people):
            self._draw_next(index, at)

    def _draw_first_sessions(self, first: int, at: float) -> None:
        def entries() -> Iterator[tuple[float, int, str]]:
            for index in range(first, self.rules.people):
                draw = stream(self.rules.seed, "first", index)
                when = behaviour.next_session_at(self._person(index), at, draw, self.pace)
                yield when, index, "session"

        if self._accounts or any(True for _ in self.world.corps):
            self.store.add_agendas(entries())

    # Time

    def advance(self, until: float) -> int:
        """Play everything due up to an instant, in order; return the number of acts and wakes."""
        played = 0
        while self._heap and self._heap[0][0] <= until:
            self._play_next()
            played += 1
        return played

    async def run(self) -> None:
        """Keep up with the clock until cancelled."""
        self._keeps_hours = True
        while True:
            played = 0
            while not self.paused and self.due:
                self._play_next()
                played += 1
                if played % _STEPS_PER_TURN == 0:
                    await asyncio.sleep(0)
            await self._rest()

    def wake(self) -> None:
        """Look at the agenda again now."""
        self._woken.set()

    @property
    def due(self) -> bool:
        """Whether something waits to be played now."""
        return bool(self._heap) and self._heap[0][0] <= self.clock.now()

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False
        self.wake()

    async def _rest(self) -> None:
        wait_s = _WAIT_MAX_S
        if self._heap and not self.paused:
            due_s = (self._heap[0][0] - self.clock.now()) / self.clock.rate
            wait_s = min(_WAIT_MAX_S, max(_TICK_S, due_s))
        try:
            async with asyncio.timeout(wait_s):
                await self._woken.wait()
        except TimeoutError:
            pass
        self._woken.clear()

    def _play_next(self) -> None:
        at, _, action = heapq.heappop(self._heap)
        action(at)

    # The agenda

    def _add_entry(self, at: float, person: int, kind: str, body: Any) -> None:
        entry = self.store.add_agenda(at, person, kind, body)
        self._push_entry(at, entry, person, kind, body)

    def _push_entry(self, at: float, entry: int, person: int, kind: str, body: Any) -> None:
        def start(now: float) -> None:
            self.store.drop_agenda(entry)
            self._start_entry(now, person, kind, body)

        heapq.heappush(self._heap, (at, next(self._order), start))
        if self._heap[0][0] == at:
            self.wake()

    def _start_entry(self, at: float, index: int, kind: str, body: Any) -> None:
        late_s = (self.clock.now() - at) / self.clock.rate if self._keeps_hours else 0.0
        if kind == "session":
            ordinal = self._life(index).sessions
            if late_s > _LATE_MAX_S:
                # After a pause or a restart people do not make up for missed visits all at once.
                self._count("skipped")
                self._draw_next(index, self.clock.now())
                return
            self._draw_next(index, at)
            if self._accounts:
                self._play_session(index, at, stream(self.rules.seed, "session", index, ordinal))
            self.companies.visit(index, ordinal, at)
        elif kind == "refund":
            self._play(index, self._account(index), behaviour.plan_refund(body), at)
        elif kind == "invited":
            self._play_invited(index, at, body)
        elif kind == "payment":
            self._count(f"payment_{body['outcome']}")
            self.on_payment(body["prepay_id"], index, body["outcome"], at)
        elif kind == "reaction":
            self._play_reaction(index, at, body)
        elif kind.startswith(MARK):
            self.companies.play(kind, index, body, at)

    def _draw_next(self, index: int, at: float) -> None:
        life = self._life(index)
        life.sessions += 1
        draw = stream(self.rules.seed, "next", index, life.sessions)
        self.store.write_biography(index, life)
        when = behaviour.next_session_at(self._person(index), at, draw, self.pace)
        self._add_entry(when, index, "session", {})

    # Sessions

    def _play_session(self, index: int, at: float, draw: Any) -> None:
        self._count("sessions")
        person, account = self._person(index), self._account(index)
        following = self.world.get_relation(account, index).following
        session = behaviour.plan_session(person, self._life(index), following=following, at=at, draw=draw)
        self._play(index, account, session, at)

    def _play_invited(self, index: int, at: float, body: dict[str, Any]) -> None:
        self._count("invited")
        # A friend shares what they know: their own account, which may be another one than ours.
        account = self._account(body.get("by", index))
        session = behaviour.plan_invited(
            self._person(index),
            self._life(index),
            following=self.world.get_relation(account, index).following,
            at=at,
            draw=stream(self.rules.seed, "invited", index, int(at)),
            what=body.get("what", "shop"),
            product_id=body.get("product_id", ""),
        )
        self._play(index, account, session, at)

    def on_message(self, relation: Relation, line: Line) -> None:
        """A person has received a message: decide what it leads to."""
        account = self.world.get_account(relation.appid)
        if account not in self._accounts:
            return
        life = self._life(relation.person)
        life.messages += 1
        life.recent_messages = [seen for seen in life.recent_messages if line.at - seen < 7 * DAY_S][-50:]
        life.recent_messages.append(line.at)
        self.store.write_biography(relation.person, life)
        tired = max(0, len(life.recent_messages) - self._person(relation.person).patience)
        occasion = read(line, ordinal=life.messages, tired=tired)
        decided = self._decide_reaction(relation.person, line.at, occasion)
        if decided is not None:
            body = asdict(occasion) | {"appid": account.appid}
            self._add_entry(line.at + decided[0], relation.person, "reaction", body)

    def on_prepared(self, appid: str, person: int, prepay_id: str, at: float) -> None:
        """A person has a payment sheet before them: decide what they do with it, and when."""
        habit = plan_payment(self._person(person), stream(self.rules.seed, "payment", person, int(at)))
        body = {"appid": appid, "prepay_id": prepay_id, "outcome": habit.outcome}
        self._add_entry(at + habit.after_s, person, "payment", body)

    def _play_reaction(self, index: int, at: float, body: dict[str, Any]) -> None:
        account = self.world.accounts.get(body.get("appid", "")) or self._account(index)
        if not self.world.get_relation(account, index).following:
            return
        self._count("reactions")
        # Decided again from the same numbers: the agenda keeps the occasion, not the acts.
        decided = self._decide_reaction(index, at, msgspec.convert(body, Occasion))
        if decided is not None:
            self._play(index, account, decided[1], at)

    def _decide_reaction(self, index: int, at: float, occasion: Occasion) -> tuple[float, Session] | None:
        draw = stream(self.rules.seed, "reaction", index, occasion.ordinal)
        return plan_reaction(self._person(index), self._life(index), occasion, at=at, draw=draw)

    def _play(self, index: int, account: Account, session: Session, at: float) -> None:
        stay = Stay(self._person(index), account, session.arrival, at)
        for ordinal, step in enumerate(session.steps):
            self._push_step(stay, ordinal, step)

    def _push_step(self, stay: Stay, ordinal: int, step: Step) -> None:
        def perform(now: float) -> None:
            self._perform(stay, ordinal, step, now)

        heapq.heappush(self._heap, (stay.started_at + step.after_s, next(self._order), perform))

    # Acts

    def _perform(self, stay: Stay, ordinal: int, step: Step, at: float) -> None:
        index, act = stay.person.index, step.act
        if isinstance(act, Track):
            self._track(stay, ordinal, act, at)
        elif isinstance(act, Later):
            self._add_entry(at + act.delay_s, act.person, act.kind, act.body)
        elif self._hands.perform(act, stay.account, index, at):
            if isinstance(act, Unfollow):
                self._life(index).left += 1
            self._count(type(act).__name__.lower())

    def _track(self, stay: Stay, ordinal: int, act: Track, at: float) -> None:
        index = stay.person.index
        life = self._life(index)
        if act.type == "identify":
            life.member = True
        if act.event == "Order Completed":
            life.orders += 1
        if act.type == "identify" or act.event == "Order Completed":
            self.store.write_biography(index, life)
        message_id = message_id_of(self.rules.seed, stay, ordinal, act)
        relation = self.world.get_relation(stay.account, index)
        body = hit_body(stay, act, relation=relation, is_member=life.member)
        self.hits.offer(
            Hit(type=act.type, message_id=message_id, person=index, at=at, event=act.event, body=body)
        )
        self._count(act.event or act.type)

    # Looking up

    def _person(self, index: int) -> Person:
        return make_person(self.rules.seed, index, self.rules.people)

    def _life(self, index: int) -> Biography:
        return self._lives.setdefault(index, Biography())

    def life(self, index: int) -> Biography:
        """Return what a person has done so far."""
        return self._life(index)

    def _account(self, index: int) -> Account:
        return self._accounts[index % len(self._accounts)]

    def _count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1
