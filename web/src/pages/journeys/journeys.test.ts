import { describe, expect, it } from "vitest";
import type { Journey } from "../../api/types";
import {
  addWay,
  type Definition,
  edgesOf,
  freshId,
  hasChanges,
  inOrder,
  insertBefore,
  isReady,
  isRemovable,
  leadTo,
  type RandomNode,
  removeStep,
  removeWay,
  shares,
} from "./definition";
import { layOut, roundedPath } from "./layout";
import { largestUnit } from "./spans";
import { TEMPLATES } from "./templates";

const words = (key: string) => key;
const welcome = TEMPLATES.welcome({ t: words, accountId: "oac_1", segmentId: "" });
const size = { width: 200, height: 80 };

function wayOf(definition: Definition): string[] {
  return inOrder(definition).map(([id]) => id);
}

describe("journey definition", () => {
  it("lists steps in the order people meet them", () => {
    expect(wayOf(welcome)).toEqual(["pause", "greet", "watch", "ordered", "remind", "done"]);
  });

  it("inserts a step before another and takes it away again", () => {
    const longer = insertBefore(welcome, "pause", "wait", "oac_1");
    expect(longer.start).toBe("wait");
    expect(wayOf(longer)).toEqual(["wait", "pause", "greet", "watch", "ordered", "remind", "done"]);
    expect(removeStep(longer, "wait")).toEqual(welcome);

    const between = insertBefore(welcome, "done", "send", "oac_1");
    expect(between.nodes.remind).toMatchObject({ next: "send" });
    expect(between.nodes.send).toMatchObject({ next: "done", account_id: "oac_1" });
  });

  it("gives a step of two ways an end of its own, and takes both away again", () => {
    for (const kind of ["condition", "wait_event", "random"] as const) {
      const parted = insertBefore(welcome, "greet", kind, "oac_1");
      const id = kind.replace("_", "-");
      expect(wayOf(parted)).toContain("end");
      expect(parted.nodes.pause).toMatchObject({ next: id });
      expect(removeStep(parted, id)).toEqual(welcome);
    }
  });

  it("leads a way elsewhere or to a new end, and drops ends nobody comes to", () => {
    const short = leadTo(welcome, "watch", "matched", "done");
    expect(wayOf(short)).toEqual(["pause", "greet", "watch", "remind", "done"]);
    const own = leadTo(short, "watch", "matched", null);
    expect(own.nodes.watch).toMatchObject({ matched: "end" });
    expect(isRemovable(own, "end")).toBe(false);
    expect(removeStep(own, "end")).toBe(own);
  });

  it("parts people by weight, and leads each way where it is told to (JN-10)", () => {
    const parted = insertBefore(welcome, "greet", "random", "oac_1");
    const two = parted.nodes.random as RandomNode;
    const more = addWay(parted, "random", two);
    const three = more.nodes.random as RandomNode;
    expect(three.ways.map(({ name }) => name)).toEqual(["a", "b", "c"]);
    expect(shares(three)).toEqual(["33.3%", "33.3%", "33.3%"]);
    const led = leadTo(more, "random", "c", "remind").nodes.random as RandomNode;
    expect(led.ways.map(({ next }) => next)).toEqual(["greet", "end", "remind"]);
    expect(removeWay(more, "random", three, "c")).toEqual(parted);
    expect(insertBefore(parted, "greet", "wait", "oac_1").nodes.random).toMatchObject({
      ways: [{ next: "wait" }, { next: "end" }],
    });
  });

  it("waits for every blank of exits and the goal", () => {
    expect(isReady(welcome)).toBe(true);
    expect(isReady({ ...welcome, goal: { event: "" } })).toBe(false);
    expect(isReady({ ...welcome, exits: [{ kind: "segment", segment_id: "", move: "left" }] })).toBe(false);
  });

  it("tells a changed draft from one that leaves defaults out", () => {
    const draft = {
      entry: { kind: "event", event: "Order Completed" },
      start: "end",
      nodes: { end: { kind: "end" } },
    };
    const published = {
      entry: { ...draft.entry, where: [], entry_key: "", reentry: { mode: "never", cool_down_s: 0 } },
      start: "end",
      nodes: { end: { kind: "end", label: "" } },
    };
    const journey = (definition: object) => ({ definition, published }) as unknown as Journey;
    expect(hasChanges(journey(draft))).toBe(false);
    expect(hasChanges(journey({ ...draft, nodes: { end: { kind: "end", label: "完成" } } }))).toBe(true);
    expect(hasChanges(journey({ ...draft, nodes: {} }))).toBe(true);
    expect(hasChanges({ ...journey(draft), published: null })).toBe(false);
  });

  it("gives free ids", () => {
    expect(freshId({}, "wait_event")).toBe("wait-event");
    expect(freshId({ send: { kind: "end" }, "send-2": { kind: "end" } }, "send")).toBe("send-3");
  });

  it("is ready once an account, a segment and the texts are chosen", () => {
    const winBack = { t: words, accountId: "oac_1", segmentId: "seg_1" };
    expect(isReady(welcome)).toBe(true);
    expect(isReady(TEMPLATES.winBack(winBack))).toBe(true);
    expect(isReady(TEMPLATES.winBack({ ...winBack, segmentId: "" }))).toBe(false);
    expect(isReady(TEMPLATES.winBack({ ...winBack, accountId: "" }))).toBe(false);
    expect(isReady(insertBefore(welcome, "done", "send", "oac_1"))).toBe(false);
  });

  it("says a length in the largest whole unit", () => {
    expect([0, 90, 5_400, 7_200, 172_800].map(largestUnit)).toEqual([
      "minutes",
      "minutes",
      "minutes",
      "hours",
      "days",
    ]);
  });
});

describe("journey layout", () => {
  const edges = edgesOf(welcome.nodes);
  const { nodes, routes } = layOut(Object.keys(welcome.nodes), edges, size);

  it("puts every step below the ones that lead to it, and none over another", () => {
    for (const { from, to } of edges) {
      expect(nodes.get(to)?.y).toBeGreaterThanOrEqual((nodes.get(from)?.y ?? 0) + size.height);
    }
    const ordered = nodes.get("ordered");
    const remind = nodes.get("remind");
    expect(ordered?.y).toBe(remind?.y);
    expect(Math.abs((ordered?.x ?? 0) - (remind?.x ?? 0))).toBeGreaterThan(size.width);
  });

  it("gives every edge its way", () => {
    expect([...routes.keys()].toSorted()).toEqual(
      ["greet:next", "pause:next", "remind:next", "watch:matched", "watch:timeout"].toSorted(),
    );
  });

  it("rounds corners and keeps straight ends", () => {
    const corner = [
      { x: 0, y: 0 },
      { x: 0, y: 100 },
      { x: 100, y: 100 },
    ];
    expect(roundedPath(corner)).toBe("M0 0L0 90Q0 100 10 100L100 100");
    expect(roundedPath([])).toBe("");
  });
});
