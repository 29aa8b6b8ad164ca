import { describe, expect, it } from "vitest";
import type { Journey } from "../../api/types";
import { gapsOf } from "./canvas/edits";
import {
  addWay,
  type Definition,
  edgesOf,
  freshId,
  hasChanges,
  inOrder,
  insertBefore,
  isRemovable,
  leadTo,
  type RandomNode,
  removeStep,
  removeWay,
  type StepNode,
  shares,
} from "./definition";
import { addBranch, moveBranch, removeBranch, type SplitNode } from "./kinds/split";
import { isChangeReady } from "./kinds/update";
import { type WaitUntilNode, waitFor } from "./kinds/waitUntil";
import { layOut, roundedPath } from "./layout";
import { largestUnit } from "./spans";

const welcome: Definition = {
  entry: {
    kind: "event",
    event: "wechat.official_account.followed",
    reentry: { mode: "cool_down", cool_down_s: 30 * 86_400 },
  },
  start: "pause",
  nodes: {
    pause: { kind: "wait", seconds: 60, next: "greet" },
    greet: {
      kind: "send",
      label: "template.welcome.greet",
      account_id: "oac_1",
      message_kind: "customer_service_text",
      content: { text: "template.welcome.text" },
      message_class: "marketing",
      expires_after_s: 47 * 3_600,
      next: "watch",
    },
    watch: {
      kind: "wait_event",
      event: "Order Completed",
      timeout_s: 86_400,
      matched: "ordered",
      timeout: "remind",
    },
    remind: {
      kind: "send",
      label: "template.welcome.remind",
      account_id: "oac_1",
      message_kind: "customer_service_text",
      content: { text: "template.welcome.remindText" },
      message_class: "marketing",
      expires_after_s: 12 * 3_600,
      next: "done",
    },
    ordered: { kind: "end", label: "template.ordered" },
    done: { kind: "end" },
  },
};
const isReady = (definition: Definition) => gapsOf(definition).length === 0;
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
    for (const kind of ["condition", "wait_event", "random", "split", "repeat"] as const) {
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

  it("gives a wait for somebody's date a way for those who have none (JN-8)", () => {
    const waits = insertBefore(welcome, "greet", "wait_until", "oac_1");
    const window = waits.nodes["wait-until"] as WaitUntilNode;
    expect(isReady(waits)).toBe(true);
    const dated = waitFor(waits, "wait-until", window, "date");
    expect(dated.nodes["wait-until"]).toMatchObject({ next: "greet", missing: "end" });
    expect(isReady(dated)).toBe(false);
    expect(removeStep(dated, "wait-until")).toEqual(welcome);
    expect(waitFor(dated, "wait-until", dated.nodes["wait-until"] as WaitUntilNode, "window")).toEqual(waits);
  });

  it("asks one condition after the other (JN-10)", () => {
    const parted = insertBefore(welcome, "greet", "split", "oac_1");
    const more = addBranch(parted, "split", parted.nodes.split as SplitNode);
    const two = more.nodes.split as SplitNode;
    expect(two.branches.map(({ name, next }) => [name, next])).toEqual([
      ["a", "end"],
      ["b", "end-2"],
    ]);
    expect(removeBranch(more, "split", two, "b")).toEqual(parted);
    expect(moveBranch(two, 1, 0).branches.map(({ name }) => name)).toEqual(["b", "a"]);
    expect(leadTo(more, "split", "b", "remind").nodes.split).toMatchObject({
      branches: [{ next: "end" }, { next: "remind" }],
      otherwise: "greet",
    });
  });

  it("changes nobody before it says what", () => {
    const changing = insertBefore(welcome, "greet", "update", "oac_1");
    expect(changing.nodes.update).toMatchObject({ next: "greet" });
    expect(isReady(changing)).toBe(false);
    const change = { kind: "tags", add: ["ptg_1"] } as const;
    expect(isChangeReady({ ...change, add: [...change.add] })).toBe(true);
    expect(isChangeReady({ kind: "attribute", key: "stage", value: null })).toBe(true);
    expect(isChangeReady({ kind: "list", segment: "", put: true })).toBe(false);
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
    const bySegment = (segment_id: string, account_id: string): Definition => ({
      ...welcome,
      entry: { kind: "segment_entered", segment_id },
      nodes: { ...welcome.nodes, greet: { ...welcome.nodes.greet, account_id } as StepNode },
    });
    expect(isReady(bySegment("seg_1", "oac_1"))).toBe(true);
    expect(isReady(bySegment("", "oac_1"))).toBe(false);
    expect(isReady(bySegment("seg_1", ""))).toBe(false);
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
