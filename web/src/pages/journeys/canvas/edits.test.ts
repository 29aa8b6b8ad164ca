import { describe, expect, it } from "vitest";
import type { Journey } from "../../../api/types";
import { type Definition, ENTRY, exitsOf, hasChanges, readDefinition } from "../definition";
import { add, connect, copy, gapsOf, openWay, paste, remove, tidied } from "./edits";
import { freeFrom, placesOf, withPlaces } from "./places";
import { turn } from "./useHistory";

const BLANK: Definition = { entry: { kind: "event", event: "Came" }, start: "", nodes: {} };
const AT = { x: 0, y: 100 };

/** Entry → wait → condition → (yes, no) ends. */
function drawn(): Definition {
  const [one, wait] = add(BLANK, "wait", AT, "");
  const [two, asked] = add(one, "condition", { x: 0, y: 250 }, "");
  const [three, yes] = add(two, "end", { x: -200, y: 400 }, "");
  const [four, no] = add(three, "end", { x: 200, y: 400 }, "");
  return [
    [ENTRY, "next", wait],
    [wait, "next", asked],
    [asked, "yes", yes],
    [asked, "no", no],
  ].reduce((each, [from, way, to]) => connect(each, from as string, way as "next", to as string), four);
}

describe("canvas", () => {
  it("tells what is still open, and nothing once everything is connected", () => {
    const [one, wait] = add(BLANK, "wait", AT, "");
    expect(gapsOf(one)).toEqual([
      { node: ENTRY, way: "next" },
      { node: wait, way: "next" },
    ]);
    expect(openWay(one, ENTRY)).toBe("next");
    expect(gapsOf(drawn())).toEqual([]);
    expect(openWay(drawn(), "condition")).toBeNull();
  });

  it("leads on where a removed step led, and cuts what led to a removed end", () => {
    const shorter = remove(drawn(), ["wait"], []);
    expect(shorter.start).toBe("condition");
    const open = remove(drawn(), ["end-2"], []);
    expect(gapsOf(open)).toEqual([{ node: "condition", way: "no" }]);
    const cut = remove(drawn(), [], [{ from: "condition", way: "yes" }]);
    expect(Object.keys(cut.nodes)).toContain("end");
    expect(gapsOf(cut)).toEqual([{ node: "condition", way: "yes" }]);
  });

  it("pastes copies with the ways among them, beside the originals", () => {
    const definition = drawn();
    const [more, ids] = paste(definition, copy(definition, ["wait", "condition", "end"]));
    expect(ids).toEqual(["wait-2", "condition-2", "end-3"]);
    expect(exitsOf(more.nodes["wait-2"] as Definition["nodes"][string])).toEqual([["next", "condition-2"]]);
    expect(more.nodes["condition-2"]).toMatchObject({ yes: "end-3", no: "" });
    const [old, copied] = [placesOf(more).get("wait"), placesOf(more).get("wait-2")];
    expect(copied?.x).toBeGreaterThan(old?.x ?? 0);
  });

  it("keeps places that were given and finds free ones for the rest", () => {
    const moved = withPlaces(drawn(), new Map([["wait", { x: 33.4, y: 44.6 }]]));
    expect(placesOf(moved).get("wait")).toEqual({ x: 33, y: 45 });
    expect(placesOf(moved).get("end-2")).toEqual({ x: 200, y: 400 });
    expect(freeFrom(AT, new Map([["a", AT]])).x).toBeGreaterThan(AT.x);
  });

  it("neither counts places and notes as a change nor keeps those of steps that are gone", () => {
    const definition = drawn();
    const noted: Definition = {
      ...definition,
      layout: { ...definition.layout, gone: AT },
      notes: [
        { id: "a", node: "wait", text: "多久合适？" },
        { id: "b", node: "gone", text: "…" },
      ],
    };
    expect(Object.keys(tidied(noted).layout ?? {})).not.toContain("gone");
    expect(tidied(noted).notes?.map(({ id }) => id)).toEqual(["a"]);
    const journey = { definition: noted, published: readDefinition(definition as never) };
    expect(hasChanges(journey as unknown as Journey)).toBe(false);
  });

  it("takes back and does again, and typing is one change", () => {
    const start = { past: [], present: 0, future: [], mark: null, at: 0 };
    const typed = [1, 2, 3].reduce(
      (history, next) => turn(history, { do: "put", next, mark: "name", at: 1_000 + next }),
      start as Parameters<typeof turn<number>>[0],
    );
    const back = turn(typed, { do: "undo" });
    expect([typed.present, back.present, turn(back, { do: "redo" }).present]).toEqual([3, 0, 3]);
    const later = turn(typed, { do: "put", next: 4, mark: "name", at: 9_000 });
    expect(turn(later, { do: "undo" }).present).toBe(3);
  });
});
