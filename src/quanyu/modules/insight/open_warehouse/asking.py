"""From a text to a statement that can do no more than ask the documented views of one brand.

The engine's own parser is the judge, for a second parser would understand some texts otherwise:

1. one statement (no semicolon at all), wrapped as a subquery, where no clause leads outside;
2. ``EXPLAIN AST``: only nodes of a SELECT, unqualified tables, and functions that compute;
3. the views stand before it as common table expressions, each over the brand's rows alone;
4. ``EXPLAIN QUERY TREE``: whatever a name was taken for, no table but those behind the views is read;
5. it runs at ``readonly = 1``, with the engine's own filter by brand on each of these tables.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from quanyu.modules.insight.open_warehouse.errors import RefusedSql
from quanyu.modules.insight.open_warehouse.functions import Functions
from quanyu.modules.insight.open_warehouse.views import TABLES, View

TEXT_MAX: Final = 20_000
_NODES: Final = frozenset(
    {
        "ArrayJoin", "Asterisk", "ColumnsListMatcher", "ColumnsRegexpMatcher", "ExpressionList", "Identifier",
        "Literal", "OrderByElement", "QualifiedAsterisk", "QualifiedColumnsListMatcher",
        "QualifiedColumnsRegexpMatcher", "SelectIntersectExceptQuery", "SelectQuery", "SelectWithUnionQuery",
        "Subquery", "TableExpression", "TableJoin", "TablesInSelectQuery", "TablesInSelectQueryElement",
        "WindowDefinition", "WindowListElement", "WithElement", "ColumnsTransformerList",
        "ColumnsExceptTransformer", "ColumnsApplyTransformer", "ColumnsReplaceTransformer", "Replacement",
        "InterpolateElement", "CollateOrderBy", "Set",  # Ours: wrap() lets no other in.
    }
)  # fmt: skip
_UNKNOWN: Final = re.compile(r"Unknown table expression identifier '([^']+)'")
_SETTINGS: Final = re.compile(r"\bsettings\b", re.IGNORECASE)
_TABLE: Final = re.compile(r"table_name: (\S+)")
# Where the engine quotes the whole statement, or says which build it is.
_TAIL: Final = re.compile(
    r"(?: in scope |\. In scope |: In scope |: While executing|\(version |\. Expected one of).*", re.S
)
_HEAD: Final = re.compile(r"(?:.*?DB::Exception: )+", re.S)


def wrap(text: str) -> str:
    """Return the text as a subquery of a statement that only reads.

    Raises:
        RefusedSql: it is empty, too long, or may be more than one statement.
    """
    asked = text.strip().removesuffix(";").rstrip()
    if not asked:
        raise RefusedSql("write a SELECT", message_zh="请输入 SELECT 语句")
    if len(asked) > TEXT_MAX:
        raise RefusedSql(
            f"a question has at most {TEXT_MAX} characters", message_zh=f"查询最长 {TEXT_MAX} 个字符"
        )
    if ";" in asked:
        raise RefusedSql(
            "one statement at a time; within a text write char(59) for a semicolon",
            message_zh="一次只能执行一条语句；文本中的分号请写作 char(59)",
        )
    if _SETTINGS.search(asked):
        raise RefusedSql("SETTINGS cannot be set here", message_zh="此处不能使用 SETTINGS")
    return f"SELECT * FROM (\n{asked}\n) SETTINGS readonly = 1"  # noqa: S608 - checked by the functions below


def with_views(wrapped: str, views: Iterable[View], database: str) -> str:
    """Put the views before a wrapped text."""
    heads = ",\n".join(f"{view.name} AS (\n{view.body(database)}\n)" for view in views)
    return f"WITH {heads}\n{wrapped}" if heads else wrapped


def check_syntax(lines: Sequence[str], functions: Functions, known: Iterable[str]) -> frozenset[str]:
    """Check the engine's tree of a wrapped text; return the names it reads from.

    Names of the text's own WITH are among them; the tables behind all of them are checked afterwards.

    Raises:
        RefusedSql: it is not a SELECT, names a table of a database, or calls what a question may not.
    """
    names: set[str] = set()
    for line in lines:
        kind, _, rest = line.strip().partition(" ")
        word = rest.split(" ")[0]
        if kind == "TableIdentifier":
            if "." in word:
                raise _unknown_table(word, known)
            names.add(word)
        elif kind == "Function":
            if not functions.allows(word):
                raise RefusedSql(
                    f"the function {word[:60]} is not open to questions",
                    message_zh=f"查询中不能使用函数 {word[:60]}",
                )
        elif kind not in _NODES:
            raise RefusedSql(
                "only a SELECT over the documented views is possible here",
                message_zh="此处只能对公开视图执行 SELECT 查询",
            )
    return frozenset(names)


def check_tables(lines: Sequence[str], database: str, known: Iterable[str]) -> None:
    """Check which tables the engine would read.

    Raises:
        RefusedSql: one that is behind no view, or a table function.
    """
    allowed = {f"{database}.{table}" for table in TABLES} | {"system.one"}
    for line in lines:
        node = line.strip()
        if node.startswith("TABLE_FUNCTION"):
            raise RefusedSql("table functions are not open to questions", message_zh="查询中不能使用表函数")
        found = _TABLE.search(node) if node.startswith("TABLE ") else None
        if found is not None and found.group(1).rstrip(",") not in allowed:
            raise _unknown_table(found.group(1).rstrip(",").rpartition(".")[2], known)


def not_understood(error: BaseException | None, known: Iterable[str]) -> RefusedSql:
    """Return what the engine says is wrong with a text, in its own words."""
    words = engine_words(error)
    unknown = _UNKNOWN.match(words)
    if unknown is not None:
        return _unknown_table(unknown.group(1), known)
    return RefusedSql(f"the warehouse does not understand this: {words}", message_zh=f"查询有误：{words}")


def engine_words(error: BaseException | None) -> str:
    """Return what the engine says is wrong, without the statement it quotes."""
    text = _TAIL.sub("", _HEAD.sub("", str(error or ""))).strip()
    return text[:400]


def _unknown_table(name: str, known: Iterable[str]) -> RefusedSql:
    views = ", ".join(known)
    return RefusedSql(
        f"there is no view {name[:60]}; there are: {views}",
        message_zh=f"没有视图 {name[:60]}；可用的视图：{views}",
    )
