"""What a formula gives and reads: types are settled before anything is computed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from typing import Final

from quanyu.modules.events.asking.fields import check_path
from quanyu.modules.insight.computed.formula.grammar import refuse
from quanyu.modules.insight.computed.formula.nodes import Binary, Call, Literal, Name, Node, Place, Unary
from quanyu.modules.insight.computed.values import DECIMALS, ValueType
from quanyu.modules.people.computed.keys import is_computed_key
from quanyu.modules.people.service import asked_instead

NUMBER, TEXT, BOOL, TIME = ValueType.NUMBER, ValueType.TEXT, ValueType.BOOL, ValueType.TIME
CASTS: Final[Mapping[str, ValueType]] = {"number": NUMBER, "text": TEXT, "bool": BOOL, "time": TIME}
_CASTABLE: Final = {
    "number": (NUMBER, TEXT),
    "text": (NUMBER, TEXT, BOOL),
    "bool": (BOOL,),
    "time": (TIME, TEXT),
}
_WORDS_ZH: Final = {NUMBER: "数字", TEXT: "文本", BOOL: "真假", TIME: "时间", ValueType.LIST: "列表"}
ARGUMENTS_MAX: Final = 20


@dataclass(slots=True)
class Reads:
    """What a formula looks at: computed attributes, attributes told of the person, and today's date."""

    computed: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    today: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """A formula whose types fit."""

    node: Node
    type: ValueType
    reads: Reads


Known = Mapping[str, ValueType | None]  # Types by key; a rank, which formulas cannot read, has None.


def check(node: Node, known: Known) -> Checked:
    """Settle the types of a formula; ``known`` are the published computed attributes by their keys.

    Raises:
        InvalidFormula: types do not fit, or something has no such name; says where.
    """
    checker = _Checker(known)
    found = checker.type_of(node)
    if found is None:
        raise refuse(Place(1, 1), "the formula is always null", "公式的结果始终为空")
    return Checked(node, found, checker.reads)


class _Checker:
    def __init__(self, known: Known) -> None:
        self._known = known
        self.reads = Reads()

    def type_of(self, node: Node) -> ValueType | None:
        """Return the type of a node; ``None`` is null, which fits every type."""
        match node:
            case Literal():
                return _literal_type(node)
            case Name():
                return self._computed(node)
            case Unary(op="-"):
                return self._needs(node.of, NUMBER)
            case Unary():
                return self._needs(node.of, BOOL)
            case Binary():
                return self._binary(node)
            case Call():
                return self._call(node)

    def _computed(self, node: Name) -> ValueType:
        key = node.key.removeprefix("computed.")
        kind = self._known.get(key)
        if key in self._known and kind is None:
            raise refuse(
                node.at,
                f"{key} is a place among people and cannot be used in a formula",
                f"{key} 是人群排名，不能用于公式",
            )
        if kind is None:
            close = get_close_matches(key, self._known, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            hint_zh = f"，是否指 {close[0]}？" if close else ""
            raise refuse(
                node.at,
                f"there is no published computed attribute {key}{hint}; "
                f"write an attribute told of people with its type, for example number({key}) or text({key})",
                f"没有已发布的计算属性 {key}{hint_zh}；会员自身的属性请注明类型，"
                f"例如 number({key}) 或 text({key})",
            )
        if kind is ValueType.LIST:
            raise refuse(
                node.at, f"{key} is a list and cannot be used in a formula", f"{key} 是列表，不能用于公式"
            )
        self.reads.computed.add(key)
        return kind

    def _needs(self, node: Node, *wanted: ValueType) -> ValueType | None:
        found = self.type_of(node)
        if found is not None and found not in wanted:
            words = " or ".join(wanted)
            words_zh = "或".join(_WORDS_ZH[one] for one in wanted)
            raise refuse(
                node.at,
                f"{words} is needed here, not {found}",
                f"此处需要{words_zh}，而不是{_WORDS_ZH[found]}",
            )
        return found or wanted[0]

    def _binary(self, node: Binary) -> ValueType:
        if node.op in ("and", "or"):
            self._needs(node.left, BOOL)
            self._needs(node.right, BOOL)
            return BOOL
        if node.op in "+-*/":
            self._needs(node.left, NUMBER)
            self._needs(node.right, NUMBER)
            return NUMBER
        kind = self._same((node.left, node.right))
        if kind is BOOL and node.op not in ("=", "!="):
            raise refuse(
                node.at, "truth values have no order; use = or !=", "真假值不能比较大小，请用 = 或 !="
            )
        return BOOL

    def _same(self, nodes: Sequence[Node]) -> ValueType | None:
        """Return the one type of all nodes."""
        found: ValueType | None = None
        for node in nodes:
            kind = self.type_of(node)
            if found is not None and kind is not None and kind is not found:
                raise refuse(
                    node.at,
                    f"{kind} does not go with {found}",
                    f"{_WORDS_ZH[kind]}不能与{_WORDS_ZH[found]}混用",
                )
            found = found or kind
        return found

    def _call(self, node: Call) -> ValueType | None:
        if node.name in CASTS:
            return self._cast(node)
        signature = _FUNCTIONS.get(node.name)
        if signature is None:
            known = sorted({*_FUNCTIONS, *CASTS})
            close = get_close_matches(node.name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"use one of {', '.join(known)}"
            hint_zh = f"是否指 {close[0]}？" if close else f"可用：{'、'.join(known)}"
            raise refuse(
                node.at, f"there is no function {node.name}; {hint}", f"没有函数 {node.name}；{hint_zh}"
            )
        least, most, rule = signature
        if not least <= len(node.of) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            wanted_zh = str(least) if least == most else f"{least} 到 {most}"
            raise refuse(
                node.at,
                f"{node.name} takes {wanted} arguments, not {len(node.of)}",
                f"{node.name} 需要 {wanted_zh} 个参数，而不是 {len(node.of)} 个",
            )
        return rule(self, node)

    def _cast(self, node: Call) -> ValueType:
        if len(node.of) != 1:
            raise refuse(
                node.at, f"{node.name} takes one argument, not {len(node.of)}", f"{node.name} 只接受 1 个参数"
            )
        inner = node.of[0]
        if isinstance(inner, Name) and inner.key.removeprefix("computed.") not in self._known:
            self._told(inner)
        else:
            self._needs(inner, *_CASTABLE[node.name])
        return CASTS[node.name]

    def _told(self, node: Name) -> None:
        """Note an attribute told of the person; what is sealed cannot be read."""
        if is_computed_key(node.key):
            raise refuse(
                node.at,
                f"there is no published computed attribute {node.key}",
                f"没有已发布的计算属性 {node.key}",
            )
        try:
            check_path(node.key)
        except ValueError as error:
            raise refuse(node.at, str(error), "属性名无效") from error
        instead = asked_instead(node.key)
        if instead is not None:
            hint = f"; use {' or '.join(instead)} instead" if instead else ""
            hint_zh = f"，可改用 {'、'.join(instead)}" if instead else ""
            raise refuse(
                node.at,
                f"{node.key} is an identifier or a name: it is sealed{hint}",
                f"{node.key} 属于标识或姓名，已加密{hint_zh}",
            )
        self.reads.told.add(node.key)

    # The rules of functions: each settles its arguments and returns what comes out.

    def if_(self, node: Call) -> ValueType | None:
        self._needs(node.of[0], BOOL)
        return self._same(node.of[1:])

    def alike(self, node: Call) -> ValueType | None:
        return self._same(node.of)

    def ordered(self, node: Call) -> ValueType | None:
        kind = self._same(node.of)
        if kind not in (None, NUMBER, TIME):
            raise refuse(node.at, f"{node.name} compares numbers or times", f"{node.name} 只能比较数字或时间")
        return kind

    def numbers(self, node: Call) -> ValueType:
        for one in node.of:
            self._needs(one, NUMBER)
        return NUMBER

    def round_(self, node: Call) -> ValueType:
        self._needs(node.of[0], NUMBER)
        if len(node.of) == 2:
            digits = node.of[1]
            value = digits.value if isinstance(digits, Literal) else None
            if not isinstance(value, Decimal) or value != int(value) or not 0 <= value <= DECIMALS:
                raise refuse(
                    digits.at,
                    f"the number of decimals is a whole number from 0 to {DECIMALS}",
                    f"小数位数应为 0 到 {DECIMALS} 的整数",
                )
        return NUMBER

    def between(self, node: Call) -> ValueType:
        for one in node.of:
            self._needs(one, TIME)
        return NUMBER

    def since(self, node: Call) -> ValueType:
        self.reads.today = True
        return self.between(node)

    def today(self, node: Call) -> ValueType:
        self.reads.today = True
        return TIME

    def concat(self, node: Call) -> ValueType:
        for one in node.of:
            self._needs(one, TEXT)
        return TEXT

    def text_test(self, node: Call) -> ValueType:
        self.concat(node)
        return BOOL

    def length(self, node: Call) -> ValueType:
        self.concat(node)
        return NUMBER

    def is_set(self, node: Call) -> ValueType:
        self.type_of(node.of[0])
        return BOOL


def _literal_type(node: Literal) -> ValueType | None:
    match node.value:
        case bool():
            return BOOL
        case Decimal():
            return NUMBER
        case str():
            return TEXT
        case None:
            return None


_Rule = Callable[[_Checker, Call], ValueType | None]
_FUNCTIONS: Final[Mapping[str, tuple[int, int, _Rule]]] = {
    "if": (3, 3, _Checker.if_),
    "coalesce": (1, ARGUMENTS_MAX, _Checker.alike),
    "min": (2, ARGUMENTS_MAX, _Checker.ordered),
    "max": (2, ARGUMENTS_MAX, _Checker.ordered),
    "abs": (1, 1, _Checker.numbers),
    "floor": (1, 1, _Checker.numbers),
    "ceil": (1, 1, _Checker.numbers),
    "round": (1, 2, _Checker.round_),
    "days_between": (2, 2, _Checker.between),
    "hours_between": (2, 2, _Checker.between),
    "days_since": (1, 1, _Checker.since),
    "today": (0, 0, _Checker.today),
    "concat": (1, ARGUMENTS_MAX, _Checker.concat),
    "contains": (2, 2, _Checker.text_test),
    "starts_with": (2, 2, _Checker.text_test),
    "length": (1, 1, _Checker.length),
    "is_set": (1, 1, _Checker.is_set),
}
