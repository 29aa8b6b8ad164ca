/** The way through a form, as the server walks it: what is shown follows from what was answered. */

import type { Answers, Condition, Jump, Order, Picks, PublicForm } from "./types";

export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === "string") return value.trim() === "";
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value === "object") {
    if ("picks" in value) return (value as Picks).picks.length === 0;
    if (Array.isArray((value as Order).ranked)) return (value as Order).ranked.length === 0;
    return Object.keys(value).length === 0;
  }
  return false;
}

function holds(condition: Condition, answers: Answers): boolean {
  const value = answers[condition.question];
  switch (condition.kind) {
    case "answered":
      return !isEmpty(value) === condition.is_answered;
    case "chosen": {
      const picks = (value as Picks | undefined)?.picks ?? [];
      const found = condition.options.filter((option) => picks.includes(option)).length;
      if (condition.match === "none") return found === 0;
      return condition.match === "any" ? found > 0 : found === condition.options.length;
    }
    case "compared":
      return typeof value === "number" && compares(value, condition.op, condition.value);
    case "ranked": {
      const first = ((value as Order | undefined)?.ranked ?? []).slice(0, condition.within ?? 1);
      return condition.options.some((option) => first.includes(option));
    }
  }
}

function compares(value: number, op: string, other: number): boolean {
  switch (op) {
    case "lt":
      return value < other;
    case "le":
      return value <= other;
    case "eq":
      return value === other;
    case "ne":
      return value !== other;
    case "ge":
      return value >= other;
    default:
      return value > other;
  }
}

function fits(jump: Jump, answers: Answers): boolean {
  if (jump.when.length === 0) return true;
  return jump.match === "all"
    ? jump.when.every((condition) => holds(condition, answers))
    : jump.when.some((condition) => holds(condition, answers));
}

/** Return the keys of the questions passed, in order; what is not passed steers nothing. */
export function walk(form: Pick<PublicForm, "pages">, answers: Answers): string[] {
  const questions = form.pages.flatMap((page) => page.questions);
  const places = new Map<string, number>([["end", questions.length]]);
  let count = 0;
  for (const page of form.pages) {
    places.set(`p:${page.key}`, count);
    for (const question of page.questions) places.set(`q:${question.key}`, count++);
  }
  const passed: Answers = {};
  const path: string[] = [];
  let at = 0;
  while (at < questions.length) {
    const question = questions[at];
    if (!question) break;
    path.push(question.key);
    if (!isEmpty(answers[question.key])) passed[question.key] = answers[question.key];
    const jump = (question.jumps ?? []).find((one) => fits(one, passed));
    // A draft that is being edited may jump anywhere; going on keeps the preview from turning in circles.
    at = Math.max(at + 1, jump ? (places.get(jump.to) ?? at + 1) : at + 1);
  }
  return path;
}
