import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Call } from "../../../sdk/core/call";
import { BATCH_MAX, Outbox, QUEUE_MAX } from "../../../sdk/core/outbox";
import { type Shelf, Store } from "../../../sdk/core/store";

class Device implements Shelf {
  kept = new Map<string, string>();
  read = (name: string) => this.kept.get(name) ?? null;
  write = (name: string, text: string) => void this.kept.set(name, text);
  remove = (name: string) => void this.kept.delete(name);
}

function call(n: number, properties: Record<string, unknown> = {}): Call {
  const timestamp = new Date(0).toISOString();
  return {
    type: "track",
    messageId: `m-${n}`,
    timestamp,
    anonymousId: "a",
    event: "E",
    properties,
    context: {},
  };
}

/** A platform that answers with these statuses, and 200 when they are used up; 0 is no network. */
function platform(...statuses: (number | [number, number])[]) {
  const bodies: { sentAt: string; writeKey: string; batch: Call[] }[] = [];
  const send = async (body: string) => {
    bodies.push(JSON.parse(body));
    const next = statuses.shift() ?? 200;
    const [status, retryAfterS] = Array.isArray(next) ? next : [next, 0];
    if (status === 0) throw new Error("no network");
    return { status, retryAfterS };
  };
  return { bodies, send };
}

function outbox(device: Shelf, send: (body: string) => Promise<{ status: number }>, dropped: unknown[] = []) {
  const onDrop = (calls: number, why: string) => void dropped.push([calls, why]);
  return new Outbox({ writeKey: "qw_1_x", store: new Store(device), send, onDrop });
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(1);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("calls go together after a moment, and are gone after the answer", async () => {
  const { bodies, send } = platform();
  const device = new Device();
  const box = outbox(device, send);
  for (let n = 0; n < 3; n += 1) box.push(call(n));
  expect(bodies).toEqual([]);

  await vi.advanceTimersByTimeAsync(300);

  expect(bodies).toHaveLength(1);
  expect(bodies[0]?.writeKey).toBe("qw_1_x");
  expect(bodies[0]?.batch.map((one) => one.messageId)).toEqual(["m-0", "m-1", "m-2"]);
  expect(box.length).toBe(0);
});

test("without a network calls stay on the device, and the next page sends them", async () => {
  const device = new Device();
  outbox(device, platform(0, 0, 0).send).push(call(1));
  await vi.advanceTimersByTimeAsync(300);
  expect(device.kept.get("quanyu.queue")).toContain("m-1");

  const later = platform();
  await outbox(device, later.send).flush();

  expect(later.bodies[0]?.batch.map((one) => one.messageId)).toEqual(["m-1"]);
});

test("pauses grow, hold back what comes meanwhile, and end when the network is back", async () => {
  const { bodies, send } = platform(0, 503, 0, 0);
  const box = outbox(new Device(), send);
  box.push(call(1));
  await vi.advanceTimersByTimeAsync(300);
  box.push(call(2));
  await vi.advanceTimersByTimeAsync(900);
  expect(bodies).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(200); // One second after the first.
  expect(bodies).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1_800);
  expect(bodies).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(200); // Two seconds after the second.
  expect(bodies).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(4_100);
  expect(bodies).toHaveLength(4);

  box.wake();
  await vi.advanceTimersByTimeAsync(1);

  expect(bodies[4]?.batch.map((one) => one.messageId)).toEqual(["m-1", "m-2"]);
  expect(box.length).toBe(0);
});

test("the platform may say how long to wait", async () => {
  const { bodies, send } = platform([503, 30]);
  outbox(new Device(), send).push(call(1));
  await vi.advanceTimersByTimeAsync(29_000);
  expect(bodies).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(bodies).toHaveLength(2);
});

test("a wrong key loses nothing", async () => {
  const box = outbox(new Device(), platform(401, 401).send);
  box.push(call(1));
  await vi.advanceTimersByTimeAsync(1_500);
  expect(box.length).toBe(1);
});

test("a batch that is too large goes in halves, and what nobody can take is told and dropped", async () => {
  const dropped: unknown[] = [];
  const { bodies, send } = platform(413, 200, 413, 200, 413, 400);
  const box = outbox(new Device(), send, dropped);
  for (let n = 0; n < 4; n += 1) box.push(call(n));

  await box.flush();

  expect(bodies.map(({ batch }) => batch.length)).toEqual([4, 2, 2, 1, 1]);
  expect(dropped).toEqual([[1, "too_large"]]);
  expect(box.length).toBe(0);
  box.push(call(9));
  await box.flush();
  expect(dropped[1]).toEqual([1, "refused"]);
});

test("the device keeps a bounded number, the latest", () => {
  const dropped: unknown[] = [];
  const box = outbox(new Device(), platform().send, dropped);
  for (let n = 0; n < QUEUE_MAX + 3; n += 1) box.push(call(n));
  expect(box.length).toBe(QUEUE_MAX);
  expect(dropped).toEqual([
    [1, "full"],
    [1, "full"],
    [1, "full"],
  ]);
  expect(JSON.parse(box.farewell()[0] ?? "").batch[0].messageId).toBe("m-3");
});

test("no request is larger than browsers take from a page that goes away", () => {
  const box = outbox(new Device(), platform().send);
  for (let n = 0; n < 80; n += 1) box.push(call(n, { note: "茶".repeat(500) }));
  const bodies = box.farewell();
  for (const body of bodies) expect(new TextEncoder().encode(body).length).toBeLessThan(64 * 1024);
  const sent = bodies.flatMap((body) => JSON.parse(body).batch);
  expect(sent).toHaveLength(80);
  expect(Math.max(...bodies.map((body) => JSON.parse(body).batch.length))).toBeLessThanOrEqual(BATCH_MAX);
});

test("one event that is out of all proportion is dropped alone", () => {
  const dropped: unknown[] = [];
  const box = outbox(new Device(), platform().send, dropped);
  box.push(call(1, { note: "x".repeat(40_000) }));
  box.push(call(2));
  expect([box.length, dropped]).toEqual([1, [[1, "too_large"]]]);
});

test("two pages share the device: neither takes away what the other kept", async () => {
  const device = new Device();
  const [one, other] = [platform(), platform(0)];
  const [first, second] = [outbox(device, one.send), outbox(device, other.send)];
  first.push(call(1));
  second.push(call(2));

  const under = first.flush();
  second.push(call(3));
  await under;
  await first.flush();

  expect(one.bodies.flatMap(({ batch }) => batch.map((sent) => sent.messageId))).toEqual([
    "m-1",
    "m-2",
    "m-3",
  ]);
});

test("a device that keeps nothing still sends what this page says", async () => {
  const device = new Device();
  device.write = () => {
    throw new Error("QuotaExceededError");
  };
  const { bodies, send } = platform();
  const box = outbox(device, send);
  box.push(call(1));
  box.push(call(2));
  await box.flush();
  expect(bodies[0]?.batch).toHaveLength(2);
  expect(box.length).toBe(0);
});

test("what somebody else wrote under our name does no harm", async () => {
  const device = new Device();
  device.kept.set("quanyu.queue", "{not json");
  const { bodies, send } = platform();
  const box = outbox(device, send);
  box.push(call(1));
  await box.flush();
  expect(bodies[0]?.batch).toHaveLength(1);
});
