"""What keeps a form from being published, each named with its place. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from quanyu.modules.forms.definition import (
    QUESTIONS_MAX,
    Answered,
    ChoiceQuestion,
    Chosen,
    Compared,
    Condition,
    DateQuestion,
    FormDefinition,
    FormJump,
    FormKind,
    FormOption,
    MatrixQuestion,
    NpsQuestion,
    NumberQuestion,
    Question,
    Ranked,
    RankingQuestion,
    RatingQuestion,
    TextQuestion,
)
from quanyu.modules.forms.rules import Problem, target_places
from quanyu.modules.forms.values import places_of


def check(definition: FormDefinition) -> tuple[Problem, ...]:
    """Return all that is wrong; nothing means the form can be published."""
    found = [*_whole(definition), *_keys(definition)]
    if found:
        return tuple(found)  # Jumps are named by keys: those come first.
    for question in definition.questions:
        found += _question(question)
    found += _jumps(definition)
    return tuple(found)


def _whole(definition: FormDefinition) -> Iterator[Problem]:
    if not definition.title:
        yield Problem("title", "title", "the form needs a title", "请填写标题")
    if not definition.questions:
        yield Problem("pages", "empty", "the form asks nothing", "还没有问题")
    if len(definition.questions) > QUESTIONS_MAX:
        yield Problem("pages", "too_many", f"at most {QUESTIONS_MAX} questions", f"最多 {QUESTIONS_MAX} 题")
    for page in definition.pages:
        if definition.questions and not page.questions:
            yield Problem(f"p:{page.key}", "empty", "the page has no questions", "该页没有问题")
    rules = definition.rules
    if rules.opens_at and rules.closes_at and rules.opens_at >= rules.closes_at:
        yield Problem("rules.closes_at", "hours", "it closes before it opens", "结束时间须晚于开始时间")
    if definition.kind is FormKind.VOTE and not any(
        isinstance(question, ChoiceQuestion) for question in definition.questions
    ):
        yield Problem("pages", "vote", "a vote needs a question with options", "投票至少需要一道选择题")
    yield from _results(definition)


def _results(definition: FormDefinition) -> Iterator[Problem]:
    ordered = sorted(enumerate(definition.results), key=lambda one: one[1].least)
    for index, result in ordered:
        if result.least > result.most:
            yield Problem(f"results.{index}", "range", "the range is upside down", "分数区间的起止颠倒")
    for (_, before), (index, after) in pairwise(ordered):
        if after.least <= before.most:
            yield Problem(f"results.{index}", "overlap", "the range overlaps another", "分数区间重叠")


def _keys(definition: FormDefinition) -> Iterator[Problem]:
    for prefix, keys in (
        ("p", [page.key for page in definition.pages]),
        ("q", [question.key for question in definition.questions]),
    ):
        for key in _repeated(keys):
            yield Problem(f"{prefix}:{key}", "repeated", f"the key {key} is used twice", f"标识 {key} 重复")


def _repeated(keys: Iterable[str]) -> list[str]:
    return [key for key, count in Counter(keys).items() if count > 1]


def _question(question: Question) -> Iterator[Problem]:
    place = f"q:{question.key}"
    if not question.title:
        yield Problem(place, "title", "the question needs a text", "请填写题目")
    if isinstance(question, ChoiceQuestion):
        yield from _options(place, question.options, "options", 1)
        if question.kind == "multi":
            most = question.max_picks or len(question.options)
            if question.min_picks > most or most > len(question.options):
                yield Problem(place, "picks", "no answer can pick that many", "可选数量与选项数不符")
        if sum(option.is_other for option in question.options) > 1:
            yield Problem(place, "other", "one option at most lets them write", "只能有一个「其他」选项")
    elif isinstance(question, RankingQuestion):
        yield from _options(place, question.options, "options", 2)
        if question.places is not None and question.places > len(question.options):
            yield Problem(place, "places", "there are fewer options than places", "名次数多于选项数")
    elif isinstance(question, MatrixQuestion):
        yield from _options(place, question.rows, "rows", 1)
        yield from _options(place, question.columns, "columns", 2)
    elif isinstance(question, NumberQuestion | DateQuestion):
        if question.min is not None and question.max is not None and question.min > question.max:  # type: ignore[operator]
            yield Problem(place, "range", "the least is above the most", "最小值大于最大值")
    elif isinstance(question, TextQuestion) and question.min_length > question.max_length:
        yield Problem(place, "range", "the least is above the most", "最少字数大于最多字数")


def _options(place: str, options: Sequence[FormOption], part: str, least: int) -> Iterator[Problem]:
    if len(options) < least:
        yield Problem(place, part, f"at least {least} are needed", f"至少需要 {least} 个选项")
    for key in _repeated(option.key for option in options):
        yield Problem(place, "repeated", f"the option {key} is there twice", f"选项标识 {key} 重复")
    if any(not option.label for option in options):
        yield Problem(place, "label", "an option has no text", "有选项没有文字")


def _jumps(definition: FormDefinition) -> list[Problem]:
    places = target_places(definition)
    questions = definition.questions
    found: list[Problem] = []
    for at, question in enumerate(questions):
        always = False
        for index, jump in enumerate(question.jumps):
            place = f"q:{question.key}.jumps.{index}"
            if always:
                found.append(
                    Problem(place, "never", "a jump before it is always taken", "前面的跳转总会生效")
                )
            found += _jump(place, jump, at, definition, places)
            always = always or not jump.when
    if not found:
        found += _unreachable(questions, places)
    return found


def _jump(
    place: str, jump: FormJump, at: int, definition: FormDefinition, places: dict[str, int]
) -> Iterator[Problem]:
    target = places.get(jump.to)
    if target is None:
        yield Problem(place, "target", f"{jump.to[2:]} is not there", f"跳转目标 {jump.to[2:]} 不存在")
    elif target <= at:
        yield Problem(place, "backward", "a jump leads forward only", "只能向后跳转")
    earlier = {question.key: question for question in definition.questions[: at + 1]}
    for condition in jump.when:
        asked = earlier.get(condition.question)
        if asked is None:
            yield Problem(
                place,
                "later",
                f"{condition.question} is not asked before",
                f"条件中的问题 {condition.question} 不在此题之前",
            )
        elif not _suits(condition, asked):
            yield Problem(
                place,
                "condition",
                f"the condition does not suit {condition.question}",
                f"条件不适用于问题 {condition.question}",
            )


def _suits(condition: Condition, question: Question) -> bool:
    if isinstance(condition, Chosen):
        return isinstance(question, ChoiceQuestion) and set(condition.options) <= {
            option.key for option in question.options
        }
    if isinstance(condition, Ranked):
        return (
            isinstance(question, RankingQuestion)
            and set(condition.options) <= {option.key for option in question.options}
            and condition.within <= places_of(question)
        )
    if isinstance(condition, Compared):
        return isinstance(question, NumberQuestion | RatingQuestion | NpsQuestion)
    return isinstance(condition, Answered)


def _unreachable(questions: Sequence[Question], places: dict[str, int]) -> Iterator[Problem]:
    """Name what no way leads to. A jump with conditions may be taken or not; one without always is."""
    reached = {0}
    for at, question in enumerate(questions):
        if at not in reached:
            yield Problem(f"q:{question.key}", "unreachable", "no way leads here", "没有路径能到达此题")
            continue
        reached |= {places[jump.to] for jump in question.jumps}
        if all(jump.when for jump in question.jumps):
            reached.add(at + 1)


def changed_kinds(before: FormDefinition, after: FormDefinition) -> tuple[Problem, ...]:
    """Return the questions whose answers would no longer mean the same: they need keys of their own."""
    shapes = {question.key: _shape(question) for question in before.questions}
    return tuple(
        Problem(
            f"q:{question.key}",
            "kind",
            "it was published as another kind: give the new question a key of its own",
            "此题已以另一题型发布，请为新题型更换标识",
        )
        for question in after.questions
        if shapes.get(question.key, _shape(question)) != _shape(question)
    )


def _shape(question: Question) -> str:
    return {"single": "choice", "dropdown": "choice", "multi": "choice", "long_text": "text"}.get(
        question.kind, question.kind
    )
