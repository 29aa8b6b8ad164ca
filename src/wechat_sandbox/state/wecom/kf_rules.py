"""States of a customer's session with a service account (微信客服), and what each allows.

Source: official pages 分配客服会话 and 发送消息 (D 94669, 94677).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from wechat_sandbox.wire.errors import PlatformError

ANSWERS_MAX = 5
ANSWERS_FOR_S = 48 * 3600.0
SESSION_LASTS_S = 48 * 3600.0
WELCOME_CODE_S = 20.0
HANDOVER_CODE_S = 48 * 3600.0
END_CODE_S = 20.0


class State(IntEnum):
    """Where a session stands."""

    NEW = 0  # 未处理
    BOT = 1  # 由智能助手接待
    POOL = 2  # 待接入池排队中
    HUMAN = 3  # 由人工接待
    ENDED = 4  # 已结束，也是未开始


MOVES: Final[Mapping[State, frozenset[State]]] = {
    State.NEW: frozenset({State.BOT, State.POOL, State.HUMAN, State.ENDED}),
    State.BOT: frozenset({State.POOL, State.HUMAN, State.ENDED}),
    State.POOL: frozenset({State.HUMAN, State.ENDED}),
    State.HUMAN: frozenset({State.HUMAN, State.ENDED}),
    State.ENDED: frozenset(),
}
API_ANSWERS: Final = frozenset({State.NEW, State.BOT})  # Where ``send_msg`` works.
_CODES: Final = {State.POOL: HANDOVER_CODE_S, State.HUMAN: HANDOVER_CODE_S, State.ENDED: END_CODE_S}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Answers a customer's last message pays for."""

    heard_at: float = -1.0  # Never, below zero.
    answered: int = 0

    def heard(self, at: float) -> "Window":
        return Window(heard_at=at)

    def spent(self, at: float) -> "Window":
        """Return the window after one more answer.

        Raises:
            PlatformError: 95002 never heard of them, or 48 hours ago; 95001 five answers given.
        """
        if self.heard_at < 0 or at - self.heard_at >= ANSWERS_FOR_S:
            raise PlatformError(95002)
        if self.answered >= ANSWERS_MAX:
            raise PlatformError(95001)
        return Window(heard_at=self.heard_at, answered=self.answered + 1)


def check_move(before: State, after: State) -> None:
    """Accept a change by the API, or raise 95013 (it has ended) or 95016 (not from here)."""
    if before is State.ENDED:
        raise PlatformError(95013)
    if after not in MOVES[before]:
        raise PlatformError(95016)


def code_lasts_s(after: State) -> float | None:
    """Return how long the message code of a change can be used, None when it gives none."""
    return _CODES.get(after)
