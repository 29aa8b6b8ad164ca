import { describe, expect, it } from "vitest";
import { edgesOf, placeNodes } from "./layout";

const size = { column: 100, row: 50 };

describe("journey layout", () => {
  it("puts branches side by side and their meeting point below the longer one", () => {
    const edges = edgesOf({
      ask: { kind: "condition", yes: "send", no: "end" },
      send: { kind: "send", next: "end" },
      end: { kind: "end" },
    });
    expect(edges.map(({ way }) => way)).toEqual(["yes", "no", "next"]);
    expect(placeNodes(["ask", "send", "end"], "ask", edges, size)).toEqual([
      { id: "ask", x: 0, y: 0 },
      { id: "send", x: 0, y: 50 },
      { id: "end", x: 0, y: 100 },
    ]);
  });

  it("keeps a row in the order its branches are named", () => {
    const nodes = { a: { yes: "c", no: "b" }, b: {}, c: {} };
    expect(placeNodes(["a", "b", "c"], "a", edgesOf(nodes), size)).toEqual([
      { id: "a", x: 0, y: 0 },
      { id: "c", x: -50, y: 50 },
      { id: "b", x: 50, y: 50 },
    ]);
  });

  it("ends on loops and shows what nothing leads to", () => {
    const nodes = { a: { next: "b" }, b: { next: "a" }, lost: {} };
    expect(placeNodes(["a", "b", "lost"], "a", edgesOf(nodes), size)).toEqual([
      { id: "a", x: 0, y: 0 },
      { id: "b", x: 0, y: 50 },
      { id: "lost", x: 0, y: 100 },
    ]);
  });
});
