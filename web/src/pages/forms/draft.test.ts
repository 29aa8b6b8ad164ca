import { expect, test } from "vitest";
import type { FormDefinition, Question } from "../../api/forms";
import { asKind, moveQuestion, newQuestion, nextKey, questionsOf, templateOf } from "./draft";

const text = (key: string): Question => ({ kind: "text", key, title: key });
const form = (...pages: string[][]): FormDefinition => ({
  title: "t",
  pages: pages.map((keys, at) => ({ key: `p${at + 1}`, questions: keys.map(text) })),
});
const shape = (definition: FormDefinition) =>
  definition.pages.map((page) => (page.questions ?? []).map((one) => one.key));

test("a key is never given twice", () => {
  expect(nextKey("q", ["q1", "q7", "mine"])).toBe("q8");
  expect(nextKey("q", [])).toBe("q1");
});

test("questions move within a page and over its edge", () => {
  const start = form(["a", "b"], ["c"]);
  expect(shape(moveQuestion(start, "a", 1))).toEqual([["b", "a"], ["c"]]);
  expect(shape(moveQuestion(start, "b", 1))).toEqual([["a"], ["b", "c"]]);
  expect(shape(moveQuestion(start, "c", -1))).toEqual([["a", "b", "c"], []]);
  expect(shape(moveQuestion(start, "a", -1))).toEqual([["a", "b"], ["c"]]);
});

test("another kind keeps the words and, among choices, the options", () => {
  const single = { ...newQuestion("single", "q1", (n) => `o${n}`), title: "茶？", required: true };
  expect(asKind(single, "multi", String)).toMatchObject({
    kind: "multi",
    title: "茶？",
    required: true,
    options: [{ label: "o1" }, { label: "o2" }],
  });
  expect(asKind(single, "text", String)).not.toHaveProperty("options");
});

test("every template but the blank one asks something", () => {
  expect(questionsOf(templateOf("blank", "form", true))).toEqual([]);
  for (const one of ["satisfaction", "vote", "signup"] as const) {
    expect(questionsOf(templateOf(one, "form", false)).length).toBeGreaterThan(0);
  }
});
