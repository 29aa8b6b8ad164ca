import { expect, test } from "vitest";
import {
  arrivalOf,
  contextOf,
  parseQuery,
  propertiesOf,
  rememberArrival,
  withShare,
} from "../../../sdk/core/arrival";
import { newId } from "../../../sdk/core/call";
import { Store } from "../../../sdk/core/store";

const DAY_MS = 86_400_000;

test("an address tells of campaign, click, code and share", () => {
  const query = parseQuery(
    "?utm_source=poster&utm_campaign=%E6%98%A5%E8%8C%B6+2026&gdt_vid=c1&qy_code=c-9&qy_share=abc-2",
  );
  const arrival = arrivalOf(query, 5);
  expect(arrival).toEqual({
    at: 5,
    campaign: { source: "poster", name: "春茶 2026" },
    clickId: "c1",
    clickIdKind: "gdt_vid",
    sourceCode: "c-9",
    shareId: "abc",
    shareDepth: 2,
  });
  expect(contextOf(arrival)).toEqual({
    campaign: { source: "poster", name: "春茶 2026" },
    sourceCode: "c-9",
  });
  expect(propertiesOf(arrival)).toEqual({
    click_id: "c1",
    click_id_kind: "gdt_vid",
    from_share: "abc",
    share_depth: 2,
  });
});

test("an address that says nothing is no arrival", () => {
  expect(arrivalOf(parseQuery("?page=2&x"), 5)).toBeUndefined();
  expect(arrivalOf(parseQuery("%E0%A4%A"), 5)).toBeUndefined();
  expect([contextOf(undefined), propertiesOf(undefined)]).toEqual([{}, {}]);
});

test("an arrival explains thirty days, and the next one takes its place", () => {
  const kept = new Map<string, string>();
  const store = new Store({
    read: (name) => kept.get(name) ?? null,
    write: (name, text) => void kept.set(name, text),
    remove: (name) => void kept.delete(name),
  });
  const first = arrivalOf({ utm_source: "poster" }, 0);
  expect(rememberArrival(store, first, 0)).toEqual(first);
  expect(rememberArrival(store, undefined, 29 * DAY_MS)).toEqual(first);
  expect(rememberArrival(store, undefined, 31 * DAY_MS)).toBeUndefined();
  const second = arrivalOf({ utm_source: "ad" }, 32 * DAY_MS);
  expect(rememberArrival(store, second, 32 * DAY_MS)).toEqual(second);
});

test.each([
  ["/tea", "/tea?qy_share=me-1"],
  ["/tea?x=1#top", "/tea?x=1&qy_share=me-1#top"],
  ["https://shop.example/?qy_share=you-3&y=2", "https://shop.example/?y=2&qy_share=me-1"],
  ["?", "?qy_share=me-1"],
])("%s is shared as %s", (address, shared) => {
  expect(withShare(address, "me", 1)).toBe(shared);
});

test.each([["abc"], ["abc-x"], ["abc-0"], ["abc--7"]])("a share that says %s has come one step", (said) => {
  expect(arrivalOf({ qy_share: said }, 0)?.shareDepth).toBe(1);
});

test("ids are UUIDs, with and without a good source of chance", () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  expect(newId()).toMatch(uuid);
  const good = globalThis.crypto;
  Object.defineProperty(globalThis, "crypto", { value: undefined, configurable: true });
  try {
    expect(newId()).toMatch(uuid);
    expect(newId()).not.toBe(newId());
  } finally {
    Object.defineProperty(globalThis, "crypto", { value: good, configurable: true });
  }
});
