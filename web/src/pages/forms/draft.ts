/** Editing a form: what new parts begin as, and how questions and pages are added, moved and taken out. */

import type { FormDefinition, FormKind, FormPage, Option, Question } from "../../api/forms";
import type { MessageKey } from "../../i18n";

export type QuestionKind = Question["kind"];

export const KINDS: readonly QuestionKind[] = [
  "single",
  "multi",
  "dropdown",
  "ranking",
  "text",
  "long_text",
  "number",
  "rating",
  "nps",
  "matrix",
  "date",
  "phone",
  "email",
  "region",
  "image",
  "file",
];

export const kindWord = (kind: string) => `forms.type.${kind}` as MessageKey;

export const questionsOf = (definition: FormDefinition): Question[] =>
  definition.pages.flatMap((page) => page.questions ?? []);

/** The next key of a row that nobody uses: keys are never given twice while a draft is edited. */
export function nextKey(prefix: string, used: readonly string[]): string {
  const numbers = used
    .filter((key) => key.startsWith(prefix) && /^\d+$/.test(key.slice(prefix.length)))
    .map((key) => Number(key.slice(prefix.length)));
  return `${prefix}${Math.max(0, ...numbers) + 1}`;
}

const options = (...labels: string[]): Option[] => labels.map((label, at) => ({ key: `o${at + 1}`, label }));

/** A question of a kind, ready to be answered. */
export function newQuestion(kind: QuestionKind, key: string, optionWord: (n: number) => string): Question {
  const base = { key, title: "" };
  switch (kind) {
    case "single":
    case "multi":
    case "dropdown":
      return { ...base, kind, options: options(optionWord(1), optionWord(2)) };
    case "ranking":
      return { ...base, kind, options: options(optionWord(1), optionWord(2), optionWord(3)) };
    case "matrix":
      return {
        ...base,
        kind,
        rows: options(optionWord(1), optionWord(2)),
        columns: options(optionWord(1), optionWord(2), optionWord(3)),
      };
    case "phone":
    case "email":
      return { ...base, kind, attribute: kind };
    case "long_text":
      return { ...base, kind, max_length: 1000 };
    default:
      return { ...base, kind } as Question;
  }
}

/** Another kind for a question: what both have stays. */
export function asKind(question: Question, kind: QuestionKind, optionWord: (n: number) => string): Question {
  const fresh = newQuestion(kind, question.key, optionWord);
  const kept = {
    title: question.title,
    hint: question.hint,
    required: question.required,
    jumps: question.jumps,
  };
  return "options" in question && "options" in fresh
    ? { ...fresh, ...kept, options: question.options }
    : { ...fresh, ...kept };
}

export const emptyPage = (key: string): FormPage => ({ key, title: "", questions: [] });

export function changePage(
  definition: FormDefinition,
  at: number,
  change: Partial<FormPage>,
): FormDefinition {
  return {
    ...definition,
    pages: definition.pages.map((page, index) => (index === at ? { ...page, ...change } : page)),
  };
}

export function changeQuestion(definition: FormDefinition, key: string, changed: Question): FormDefinition {
  return {
    ...definition,
    pages: definition.pages.map((page) => ({
      ...page,
      questions: (page.questions ?? []).map((one) => (one.key === key ? changed : one)),
    })),
  };
}

export function withoutQuestion(definition: FormDefinition, key: string): FormDefinition {
  return {
    ...definition,
    pages: definition.pages.map((page) => ({
      ...page,
      questions: (page.questions ?? []).filter((one) => one.key !== key),
    })),
  };
}

/** One place up or down; over the edge of a page into the next. */
export function moveQuestion(definition: FormDefinition, key: string, by: -1 | 1): FormDefinition {
  const pages = definition.pages.map((page) => ({ ...page, questions: [...(page.questions ?? [])] }));
  const from = pages.findIndex((page) => page.questions.some((one) => one.key === key));
  const page = pages[from];
  if (!page) return definition;
  const at = page.questions.findIndex((one) => one.key === key);
  const [moved] = page.questions.splice(at, 1);
  if (!moved) return definition;
  const to = at + by;
  const neighbour = pages[from + by];
  if (to >= 0 && to <= page.questions.length) page.questions.splice(to, 0, moved);
  else if (!neighbour) return definition;
  else if (by < 0) neighbour.questions.push(moved);
  else neighbour.questions.unshift(moved);
  return { ...definition, pages };
}

export type Template = "blank" | "satisfaction" | "vote" | "signup";

const TITLES: Record<Template, readonly [string, string]> = {
  blank: ["新表单", "New form"],
  satisfaction: ["满意度调查", "How was it?"],
  vote: ["你最期待哪一款？", "Which one do you look forward to?"],
  signup: ["活动报名", "Sign up"],
};

/** What a form begins as, in the language of who makes it. */
export function templateOf(template: Template, kind: FormKind, isChinese: boolean): FormDefinition {
  const say = (zh: string, en: string) => (isChinese ? zh : en);
  const title = TITLES[template][isChinese ? 0 : 1];
  const of = (questions: Question[], more: Partial<FormDefinition> = {}): FormDefinition => ({
    kind,
    title,
    intro: "",
    pages: [{ key: "p1", title: "", questions }],
    rules: { once: "person" },
    ...more,
  });
  switch (template) {
    case "satisfaction":
      return of([
        {
          kind: "nps",
          key: "q1",
          title: say("您有多大可能把我们推荐给朋友？", "How likely are you to recommend us?"),
          required: true,
          low: say("不可能", "Not likely"),
          high: say("非常可能", "Very likely"),
          jumps: [
            { match: "all", when: [{ kind: "compared", question: "q1", op: "ge", value: 9 }], to: "q:q3" },
          ],
        },
        {
          kind: "long_text",
          key: "q2",
          title: say("哪里可以做得更好？", "What could be better?"),
          max_length: 500,
        },
        { kind: "rating", key: "q3", title: say("服务打几分？", "How was the service?") },
      ]);
    case "vote":
      return of(
        [
          {
            kind: "single",
            key: "q1",
            title,
            required: true,
            options: options(say("款式一", "The first"), say("款式二", "The second")),
          },
        ],
        { kind: "vote", rules: { once: "person", shows_results: true } },
      );
    case "signup":
      return of([
        {
          kind: "text",
          key: "q1",
          title: say("姓名", "Name"),
          required: true,
          personal: true,
          attribute: "name",
          max_length: 40,
        },
        { kind: "phone", key: "q2", title: say("手机号", "Telephone"), required: true, attribute: "phone" },
        {
          kind: "region",
          key: "q3",
          title: say("所在地区", "Where you live"),
          attribute: "address",
          level: "city",
        },
      ]);
    default:
      return of([]);
  }
}
