import { describe, expect, it } from "vitest";
import { DEFAULT_COLUMNS, isFiltered, readListing, writeListing } from "./listing";

describe("a list of people in its address", () => {
  it("is the plain list without any parameter", () => {
    const listing = readListing(new URLSearchParams());
    expect(listing).toMatchObject({ order: "added", descending: true, columns: DEFAULT_COLUMNS });
    expect(isFiltered(listing.filter)).toBe(false);
    expect(writeListing(listing).toString()).toBe("");
  });

  it("comes back as it was written", () => {
    const listing = {
      filter: {
        q: "茶",
        segment: "seg_1",
        tag: "ptg_2",
        identity: { namespace: "openid", scope: "wx@1" },
        first_seen_from: "2026-01-02",
        first_seen_to: "2026-02-03",
        conditions: { kind: "all", of: [{ kind: "attribute", key: "city", op: "eq", value: "杭州" }] },
      },
      order: "attribute:points",
      descending: false,
      columns: ["tags", "attribute:city, town"],
    };
    expect(readListing(writeListing(listing))).toEqual(listing);
  });

  it("leaves out conditions that were cut short", () => {
    const { filter } = readListing(new URLSearchParams({ where: '{"kind":"al', q: "x" }));
    expect(filter.conditions).toBeUndefined();
    expect(filter.q).toBe("x");
  });
});
