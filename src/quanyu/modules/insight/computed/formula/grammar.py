"""Reading a formula: the grammar, and errors that say where and what was expected there."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedEOF, UnexpectedToken, v_args
from lark.exceptions import UnexpectedInput, VisitError

from quanyu.modules.insight.computed.errors import InvalidFormula
from quanyu.modules.insight.computed.formula.nodes import Binary, Call, Literal, Name, Node, Place, Unary

LENGTH_MAX: Final = 2_000
DEPTH_MAX: Final = 40

_GRAMMAR: Final = r"""
start: either

?either: both
    | either "or" both -> or_
?both: denied
    | both "and" denied -> and_
?denied: compared
    | "not" denied -> not_
?compared: sum
    | sum COMPARISON sum -> compare
?sum: product
    | sum SIGN product -> arithmetic
?product: signed
    | product TIMES signed -> arithmetic
?signed: atom
    | "-" signed -> minus
?atom: NUMBER -> number
    | STRING -> text
    | "true" -> true
    | "false" -> false
    | "null" -> null
    | CALLED "(" [either ("," either)*] ")" -> call
    | NAME -> name
    | QUOTED -> quoted
    | "(" either ")"

COMPARISON: "!=" | "<>" | "<=" | ">=" | "==" | "=" | "<" | ">"
SIGN: "+" | "-"
TIMES: "*" | "/"
NUMBER: /\d+(\.\d+)?/
STRING: /"[^"\n]*"|'[^'\n]*'/
QUOTED: /`[^`\n]+`/
CALLED.2: /(?!(?:and|or|not)\b)[a-z_]+(?=\s*\()/
NAME: /[A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff]*(\.[\w\u4e00-\u9fff]+)*/
%ignore /\s+/
"""
# What an input method for Chinese writes in their place; inside quotation marks it stays as written.
_WIDE: Final = str.maketrans("（），＋－＊／＝＜＞×÷", "(),+-*/=<>*/")
_QUOTED_TEXT: Final = re.compile("(\"[^\"\n]*\"|'[^'\n]*'|`[^`\n]*`|“[^”\n]*”|‘[^’\n]*’)")
_TWO_SIGNS: Final = {"≠": "!=", "≥": ">=", "≤": "<="}


def parse(text: str) -> Node:
    """Read a formula.

    Raises:
        InvalidFormula: it cannot be read; ``line`` and ``column`` say where.
    """
    if not text.strip():
        raise refuse(Place(1, 1), "the formula is empty", "公式为空")
    if len(text) > LENGTH_MAX:
        raise refuse(
            Place(1, 1),
            f"a formula has at most {LENGTH_MAX} characters",
            f"公式最多 {LENGTH_MAX} 个字符",
        )
    written = _narrow(text)
    try:
        tree = _parser().parse(written)
        node: Node = _Reader().transform(tree)
    except UnexpectedInput as error:
        raise _unreadable(written, error) from error
    except (VisitError, RecursionError) as error:
        raise _too_deep() from error
    if _depth(node, DEPTH_MAX) > DEPTH_MAX:
        raise _too_deep()
    return node


def _too_deep() -> InvalidFormula:
    return refuse(
        Place(1, 1), f"a formula is nested at most {DEPTH_MAX} deep", f"公式最多嵌套 {DEPTH_MAX} 层"
    )


def refuse(at: Place, reason: str, reason_zh: str) -> InvalidFormula:
    """Return the error that says where and why."""
    return InvalidFormula(
        f"line {at.line}, column {at.column}: {reason}",
        message_zh=f"第 {at.line} 行第 {at.column} 列：{reason_zh}",
        line=at.line,
        column=at.column,
    )


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def _narrow(text: str) -> str:
    """Write full-width signs outside quotation marks as the plain ones."""
    parts = _QUOTED_TEXT.split(text)
    for index, part in enumerate(parts):
        if index % 2:  # A quotation: only its marks.
            if part[0] in "“‘":
                parts[index] = f'"{part[1:-1]}"' if part[0] == "“" else f"'{part[1:-1]}'"
            continue
        for wide, plain in _TWO_SIGNS.items():
            part = part.replace(wide, plain)
        parts[index] = part.translate(_WIDE)
    return "".join(parts)


def _unreadable(text: str, error: UnexpectedInput) -> InvalidFormula:
    if isinstance(error, UnexpectedCharacters):
        at = Place(error.line, error.column)
        sign = text[error.pos_in_stream : (error.pos_in_stream or 0) + 1]
        if sign in "\"'`":
            return refuse(at, f"the quotation mark {sign} is not closed", f"引号 {sign} 没有闭合")
        return refuse(at, f"{sign!r} has no meaning here", f"此处不能使用 {sign}")
    if isinstance(error, UnexpectedEOF) or (
        isinstance(error, UnexpectedToken) and error.token.type == "$END"
    ):
        lines = text.rstrip().split("\n")
        at = Place(len(lines), len(lines[-1]) + 1)
        return refuse(at, "the formula ends too early; something is missing", "公式不完整，此处缺少内容")
    assert isinstance(error, UnexpectedToken)
    at = Place(error.line, error.column)
    return refuse(at, f"{str(error.token)!r} does not fit here", f"此处不应出现 {error.token}")


def _depth(node: Node, most: int) -> int:
    level: list[Node] = [node]
    depth = 0
    while level and depth <= most:
        depth += 1
        level = [child for one in level for child in children(one)]
    return depth


def children(node: Node) -> tuple[Node, ...]:
    """Return the parts of a node."""
    match node:
        case Unary():
            return (node.of,)
        case Binary():
            return (node.left, node.right)
        case Call():
            return node.of
        case _:
            return ()


_EQUAL: Final = {"==": "=", "<>": "!="}


@v_args(meta=True)
class _Reader(Transformer[Token, Any]):
    """Turns the parser's tree into ours."""

    def start(self, meta: Any, children: list[Node]) -> Node:
        return children[0]

    def or_(self, meta: Any, children: list[Node]) -> Node:
        return Binary("or", children[0], children[1], _place(meta))

    def and_(self, meta: Any, children: list[Node]) -> Node:
        return Binary("and", children[0], children[1], _place(meta))

    def not_(self, meta: Any, children: list[Node]) -> Node:
        return Unary("not", children[0], _place(meta))

    def compare(self, meta: Any, children: list[Any]) -> Node:
        left, sign, right = children
        return Binary(_EQUAL.get(str(sign), str(sign)), left, right, Place(sign.line, sign.column))

    def arithmetic(self, meta: Any, children: list[Any]) -> Node:
        left, sign, right = children
        return Binary(str(sign), left, right, Place(sign.line, sign.column))

    def minus(self, meta: Any, children: list[Node]) -> Node:
        return Unary("-", children[0], _place(meta))

    def number(self, meta: Any, children: list[Token]) -> Node:
        return Literal(Decimal(str(children[0])), _place(meta))

    def text(self, meta: Any, children: list[Token]) -> Node:
        return Literal(str(children[0])[1:-1], _place(meta))

    def true(self, meta: Any, children: list[Token]) -> Node:
        return Literal(True, _place(meta))

    def false(self, meta: Any, children: list[Token]) -> Node:
        return Literal(False, _place(meta))

    def null(self, meta: Any, children: list[Token]) -> Node:
        return Literal(None, _place(meta))

    def call(self, meta: Any, children: list[Any]) -> Node:
        return Call(str(children[0]), tuple(children[1:]), _place(meta))

    def name(self, meta: Any, children: list[Token]) -> Node:
        return Name(str(children[0]), _place(meta))

    def quoted(self, meta: Any, children: list[Token]) -> Node:
        return Name(str(children[0])[1:-1], _place(meta))


def _place(meta: Any) -> Place:
    return Place(meta.line, meta.column) if not meta.empty else Place(1, 1)
