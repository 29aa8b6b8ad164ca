import { expect, test } from "vitest";
import type { Card } from "../../api/dashboards";
import { moved, newCardId, readFilters } from "./cards";

const card = (id: string) => ({ id, shows: { kind: "rfm" } }) as Card;
const ids = (cards: readonly Card[]) => cards.map((one) => one.id).join("");

test("a card moves to another place and no further than the ends", () => {
  const cards = ["a", "b", "c"].map(card);
  expect(ids(moved(cards, 0, 2))).toBe("bca");
  expect(ids(moved(cards, 2, 0))).toBe("cab");
  expect(ids(moved(cards, 0, -1))).toBe("abc");
  expect(ids(moved(cards, 2, 9))).toBe("abc");
});

test("new cards have ids of their own that the server takes", () => {
  const made = new Set(Array.from({ length: 200 }, newCardId));
  expect(made.size).toBe(200);
  for (const id of made) expect(id).toMatch(/^[A-Za-z0-9_-]{1,40}$/);
});

test("what is no filter is none", () => {
  expect(readFilters("")).toBeNull();
  expect(readFilters("{")).toBeNull();
  expect(readFilters("3")).toBeNull();
  expect(readFilters('{"source":"shop"}')).toEqual({ source: "shop" });
});
