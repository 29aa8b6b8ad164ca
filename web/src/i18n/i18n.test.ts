import { expect, it } from "vitest";
import { en } from "./en";
import { zh } from "./zh";

const placeholders = (text: string) =>
  new Set([...text.matchAll(/\{(\w+)(?:\|[^}]*)?\}/g)].map((match) => match[1]));

it("says everything in both languages", () => {
  expect(Object.keys(en).toSorted()).toEqual(Object.keys(zh).toSorted());
  expect(Object.values({ ...zh, ...en }).filter((text) => text.trim() === "")).toEqual([]);
});

it("uses in English only the values Chinese uses, besides the number that picks a plural", () => {
  const strange = Object.entries(en).filter(([key, text]) => {
    const known = placeholders(zh[key as keyof typeof zh]);
    return [...placeholders(text)].some((name) => name !== "n" && !known.has(name));
  });
  expect(strange).toEqual([]);
});
