/** A form on the page: one page after the other, only the questions on the way. Also the console's preview. */

import { el } from "./dom";
import { type Field, fieldOf } from "./fields";
import { isSendingFiles } from "./files";
import { placesOf } from "./ranking";
import type { Answers, FormPage, Order, Picks, PublicForm, Question } from "./types";
import { isEmpty, walk } from "./walk";
import { type Language, say } from "./words";

export interface Problem {
  place: string;
  text: string;
  text_zh: string;
}

export interface FormOptions {
  language: Language;
  answers?: Answers;
  page?: number;
  onChange?: (answers: Answers, page: number) => void;
  onPage?: (page: number) => void;
  /** Sends what was answered on the way; tells what is wrong with it. */
  submit: (answers: Answers) => Promise<readonly Problem[]>;
}

// Lists are told apart from a single field: their group is named by its legend.
const GROUPED = new Set(["single", "multi", "rating", "nps", "matrix", "region", "ranking"]);

interface Block {
  question: Question;
  element: HTMLElement;
  field: Field;
  error: HTMLElement;
}

export function mountForm(root: HTMLElement, form: PublicForm, options: FormOptions): void {
  const answers: Answers = { ...options.answers };
  const { language } = options;
  let at = 0;
  let blocks: Block[] = [];
  let isSending = false;

  const pathOf = () => new Set(walk(form, answers));
  const onPath = (page: FormPage, path: Set<string>) => page.questions.some((one) => path.has(one.key));
  const following = (from: number, path: Set<string>) =>
    form.pages.findIndex((page, index) => index > from && onPath(page, path));
  const preceding = (from: number, path: Set<string>) =>
    form.pages.findLastIndex((page, index) => index < from && onPath(page, path));

  const notice = el("p", { className: "notice", hidden: true, attrs: { role: "alert" } });
  const go = el("button", { type: "submit", className: "primary" });
  const back = el("button", { type: "button", className: "plain" }, say(language, "back"));
  const bar = el("progress", { max: form.pages.length, value: 1 });
  const where = el("p", { className: "where quiet" });
  const heading = el("h2", { tabIndex: -1 });
  const body = el("div", { className: "questions" });

  function refresh(): void {
    const path = pathOf();
    for (const block of blocks) block.element.hidden = !path.has(block.question.key);
    const isLast = following(at, path) < 0;
    go.textContent = say(language, isLast ? (form.kind === "vote" ? "vote" : "submit") : "next");
    back.hidden = preceding(at, path) < 0;
  }

  function blockOf(question: Question, index: number): Block {
    const id = `q-${at}-${index}`;
    const error = el("p", { className: "error", id: `${id}-error`, hidden: true });
    const field = fieldOf({
      question,
      value: answers[question.key],
      id,
      language,
      change: (value) => {
        answers[question.key] = value;
        show(block, "");
        refresh();
        options.onChange?.({ ...answers }, at);
      },
    });
    const mark = question.required
      ? el("span", { className: "needed", attrs: { title: say(language, "required") } }, " *")
      : null;
    const hint = el("p", { className: "hint quiet", id: `${id}-hint` }, hintOf(question, language));
    hint.hidden = hint.textContent === "";
    const isGroup = GROUPED.has(question.kind);
    const title = isGroup
      ? el("legend", {}, question.title, mark)
      : el("label", { htmlFor: id }, question.title, mark);
    const element = el(
      isGroup ? "fieldset" : "div",
      { className: "question", attrs: isGroup ? { "aria-describedby": `${id}-hint ${id}-error` } : {} },
      title,
      hint,
      field.element,
      error,
    );
    const block: Block = { question, element, field, error };
    return block;
  }

  function show(block: Block, text: string): void {
    block.error.textContent = text;
    block.error.hidden = text === "";
    block.element.classList.toggle("wrong", text !== "");
  }

  function open(page: number, focus: boolean): void {
    at = page;
    const shown = form.pages[page];
    if (!shown) return;
    blocks = shown.questions.map(blockOf);
    heading.textContent = shown.title ?? "";
    heading.hidden = !shown.title;
    body.replaceChildren(
      ...(shown.text ? [el("p", { className: "text" }, shown.text)] : []),
      ...blocks.map((block) => block.element),
    );
    bar.value = page + 1;
    bar.hidden = where.hidden = form.pages.length < 2;
    where.textContent = say(language, "progress", { page: page + 1, pages: form.pages.length });
    bar.setAttribute("aria-label", where.textContent);
    intro.hidden = page > 0 || !form.intro;
    notice.hidden = true;
    refresh();
    if (focus) {
      where.tabIndex = -1;
      (shown.title ? heading : where).focus({ preventScroll: true });
      root.scrollIntoView({ block: "start" });
    }
    options.onPage?.(page);
  }

  /** What the page itself can see; whatever else is wrong the server names. */
  function faults(): Block[] {
    const path = pathOf();
    return blocks.filter((block) => {
      if (!path.has(block.question.key)) return false;
      const text = faultOf(block.question, answers[block.question.key], language);
      show(block, text);
      return text !== "";
    });
  }

  function tell(problems: readonly Problem[]): void {
    const first = form.pages.findIndex((page) =>
      page.questions.some((question) => problems.some((problem) => problem.place === question.key)),
    );
    if (first >= 0 && first !== at) open(first, false);
    let isFirst = true;
    for (const block of blocks) {
      const problem = problems.find((one) => one.place === block.question.key);
      if (!problem) continue;
      show(block, language === "zh" ? problem.text_zh : problem.text);
      if (isFirst) block.field.focus();
      isFirst = false;
    }
    const whole = problems.find((problem) => !problem.place);
    notice.textContent = whole
      ? language === "zh"
        ? whole.text_zh
        : whole.text
      : say(language, "fix", { n: problems.length });
    notice.hidden = problems.length === 0;
  }

  async function advance(): Promise<void> {
    if (isSendingFiles()) {
      notice.textContent = say(language, "waitFiles");
      notice.hidden = false;
      return;
    }
    const wrong = faults();
    if (wrong[0]) {
      wrong[0].field.focus();
      return;
    }
    const path = pathOf();
    const next = following(at, path);
    if (next >= 0) {
      open(next, true);
      options.onChange?.({ ...answers }, at);
      return;
    }
    isSending = go.disabled = true;
    go.textContent = say(language, "sending");
    try {
      const sent = Object.fromEntries(
        Object.entries(answers).filter(([key, value]) => path.has(key) && !isEmpty(value)),
      );
      tell(await options.submit(sent));
    } finally {
      isSending = go.disabled = false;
      refresh();
    }
  }

  const intro = el("p", { className: "intro" }, form.intro ?? "");
  back.addEventListener("click", () => open(preceding(at, pathOf()), true));
  const shell = el(
    "form",
    { className: "form", noValidate: true },
    el("h1", {}, form.title),
    intro,
    bar,
    where,
    heading,
    body,
    notice,
    el("div", { className: "actions" }, back, go),
  );
  shell.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isSending) void advance();
  });
  root.replaceChildren(shell);
  const wanted = options.page ?? 0;
  open(wanted < form.pages.length && onPath(form.pages[wanted] as FormPage, pathOf()) ? wanted : 0, false);
}

function hintOf(question: Question, language: Language): string {
  const picks =
    question.kind !== "multi"
      ? ""
      : question.max_picks
        ? say(language, "upTo", { n: question.max_picks })
        : question.min_picks
          ? say(language, "atLeast", { n: question.min_picks })
          : "";
  const order = question.kind === "ranking" ? say(language, "rank", { n: placesOf(question) }) : "";
  return [question.hint, picks, order].filter(Boolean).join(" · ");
}

function faultOf(question: Question, value: unknown, language: Language): string {
  if (isEmpty(value)) return question.required ? say(language, "needed") : "";
  if (question.kind === "number" && typeof value !== "number") return say(language, "number");
  if (question.kind === "multi") {
    const { picks } = value as Picks;
    if (question.max_picks && picks.length > question.max_picks) {
      return say(language, "upTo", { n: question.max_picks });
    }
    if (question.min_picks && picks.length < question.min_picks) {
      return say(language, "atLeast", { n: question.min_picks });
    }
  }
  if (question.kind === "ranking" && (value as Order).ranked.length < placesOf(question)) {
    return say(language, "rank", { n: placesOf(question) });
  }
  if (question.kind === "matrix" && question.required) {
    const rows = question.rows ?? [];
    if (Object.keys(value as object).length < rows.length) return say(language, "needed");
  }
  return "";
}
