import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MiniProgramTracker } from "../../../sdk/miniprogram/tracker";
import { FakeWx } from "./fakeWx";

const HOST = "https://brand.example";
let wx: FakeWx;

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-03-04T04:00:00Z") });
  wx = new FakeWx();
});
afterEach(() => vi.useRealTimers());

function begin(options: Partial<ConstructorParameters<typeof MiniProgramTracker>[1]> = {}) {
  const tracker = new MiniProgramTracker(wx, { writeKey: "qw_1_x", host: HOST, ...options });
  wx.makeApp(tracker.wrapApp({}));
  return tracker;
}

const settle = () => vi.advanceTimersByTimeAsync(1_000);
const events = () => wx.calls.map((call) => call.event ?? call.type);
const propertiesOf = (event: string) => wx.calls.find((call) => call.event === event)?.properties;

test("a launch tells the scene, the program and where it came from, once", async () => {
  begin();
  wx.launch({
    path: "pages/index",
    scene: 1047,
    query: { scene: "utm_source%3Dposter" },
    referrerInfo: { appId: "wx9" },
  });
  await settle();

  expect(events()).toEqual(["Application Installed", "Application Opened"]);
  expect(wx.sent[0]?.url).toBe(`${HOST}/v1/batch`);
  expect(wx.calls[1]).toMatchObject({
    type: "track",
    timestamp: "2026-03-04T04:00:00.000Z",
    properties: { path: "pages/index", from_app: "wx9" },
    context: {
      channel: "mini_program",
      appId: "wx1234567890abcdef",
      scene: "1047",
      campaign: { source: "poster" },
      os: { name: "ios" },
      locale: "zh_CN",
      page: { path: "pages/index" },
    },
  });
  wx.hide();
  wx.show({ path: "pages/index", scene: 1001 });
  await settle();
  expect(events().slice(2)).toEqual(["Application Backgrounded", "Application Opened"]);
  expect(wx.calls[3]?.context).toMatchObject({ scene: "1001", campaign: { source: "poster" } });
});

test("the program's own handlers are called as before, with their page and their values", async () => {
  const tracker = begin();
  const seen: unknown[] = [];
  wx.makeApp(
    tracker.wrapApp({
      onLaunch(options: unknown) {
        seen.push(options);
      },
    }),
  );
  wx.makePage(
    tracker.wrapPage({
      route: "pages/tea",
      data: { kept: true },
      onShow(this: { route: string; data: unknown }) {
        seen.push([this.route, this.data]);
      },
    }),
  );
  wx.launch({ path: "pages/tea", scene: 1001 });
  wx.visit("pages/tea");
  expect(seen).toEqual([{ path: "pages/tea", scene: 1001 }, ["pages/tea", { kept: true }]]);
});

test("pages are told with the page before", async () => {
  const tracker = begin();
  for (const route of ["pages/index", "pages/tea"]) wx.makePage(tracker.wrapPage({ route }));
  wx.launch({ path: "pages/index", scene: 1001 });
  wx.visit("pages/index");
  wx.visit("pages/tea");
  await settle();
  const pages = wx.calls.filter((call) => call.type === "page");
  expect(pages.map(({ name, properties }) => [name, properties])).toEqual([
    ["pages/index", { path: "pages/index" }],
    ["pages/tea", { path: "pages/tea", referrer: "pages/index" }],
  ]);
});

test("a share is marked and told, and whoever comes through it is known to", async () => {
  const tracker = begin();
  wx.makePage(
    tracker.wrapPage({
      route: "pages/tea",
      onShareAppMessage: () => ({ title: "春茶", path: "/pages/tea?id=7" }),
      onShareTimeline: () => ({ query: "id=7" }),
    }),
  );
  wx.launch({ path: "pages/tea", scene: 1001 });
  const toChat = wx.share("pages/tea");
  const toMoments = wx.share("pages/tea", "onShareTimeline");
  await settle();

  const { share_id: shareId } = propertiesOf("Page Shared") as { share_id: string };
  expect(toChat).toEqual({ title: "春茶", path: `/pages/tea?id=7&qy_share=${shareId}-1` });
  expect(toMoments).toEqual({ query: `id=7&qy_share=${shareId}-1` });
  expect(propertiesOf("Page Shared")).toMatchObject({
    channel: "chat",
    path: "/pages/tea",
    depth: 1,
    from: "menu",
  });

  wx = new FakeWx();
  const friend = begin();
  wx.makePage(friend.wrapPage({ route: "pages/tea", onShareAppMessage: () => undefined }));
  wx.launch({ path: "pages/tea", scene: 1007, query: { id: "7", qy_share: `${shareId}-1` } });
  const onward = wx.share("pages/tea");
  await settle();
  expect(events()).toEqual(["Share Opened", "Application Installed", "Application Opened", "Page Shared"]);
  expect(propertiesOf("Share Opened")).toMatchObject({ share_id: shareId, depth: 1 });
  expect(propertiesOf("Application Opened")).toMatchObject({ from_share: shareId, share_depth: 1 });
  expect(onward?.path).toMatch(/^\/pages\/tea\?qy_share=[0-9a-f]{16}-2$/);
});

test("a page that does not allow sharing is not made to", () => {
  expect(begin().wrapPage({ route: "pages/tea" }).onShareAppMessage).toBeUndefined();
});

test("without a network everything waits in storage, and goes when it is back", async () => {
  wx.answers = [0, 0];
  const tracker = begin();
  wx.launch({ path: "pages/index", scene: 1001 });
  tracker.track("Product Viewed", { product_id: "tea-1" });
  await settle();
  expect(wx.sent).toEqual([]);
  expect(JSON.parse(wx.kept.get("quanyu.queue") ?? "")).toHaveLength(3);

  wx.reconnect();
  await settle();
  wx.reconnect();
  await settle();

  expect(events()).toEqual(["Application Installed", "Application Opened", "Product Viewed"]);
  expect(wx.kept.get("quanyu.queue")).toBe("[]");
});

test("a platform that is not among the allowed domains loses nothing", async () => {
  begin({ host: "https://other.example" });
  wx.launch({ path: "pages/index", scene: 1001 });
  await settle();
  expect(wx.sent).toEqual([]);
  expect(JSON.parse(wx.kept.get("quanyu.queue") ?? "")).toHaveLength(2);
});

test("a login says every name of the person that the own server found", async () => {
  const tracker = begin();
  const codes: string[] = [];
  const found = tracker.login(async (code) => {
    codes.push(code);
    return { userId: "u-1", openid: "o-1", unionid: "n-1", traits: { level: "gold" } };
  });
  await settle();
  expect(await found).toMatchObject({ userId: "u-1" });
  expect(codes).toEqual(["code-1"]);
  expect(wx.calls[0]).toMatchObject({
    type: "identify",
    userId: "u-1",
    traits: { level: "gold" },
    context: {
      externalIds: [
        { type: "openid", id: "o-1", scope: "wx1234567890abcdef" },
        { type: "unionid", id: "n-1" },
      ],
    },
  });
});

test("somebody else on the same phone begins as a new visitor", async () => {
  const tracker = begin();
  tracker.identify("u-1");
  tracker.track("A");
  tracker.identify("u-2");
  tracker.reset();
  tracker.track("B");
  await settle();
  const [one, same, two, nobody] = wx.calls;
  expect(same?.anonymousId).toBe(one?.anonymousId);
  expect(two?.anonymousId).not.toBe(one?.anonymousId);
  expect([two?.userId, nobody?.userId]).toEqual(["u-2", undefined]);
  expect(nobody?.anonymousId).not.toBe(two?.anonymousId);
});

test("registered properties go with every later event, the event's own word first", async () => {
  const tracker = begin();
  tracker.register({ store: "hz-02", table: 7 });
  tracker.track("A", { table: 8 });
  tracker.unregister("store");
  tracker.track("B");
  tracker.group("g-1", { size: 3 });
  tracker.alias("u-9");
  await settle();
  expect(wx.calls.map((call) => call.properties)).toEqual([
    { store: "hz-02", table: 8 },
    { table: 7 },
    undefined,
    undefined,
  ]);
  expect(wx.calls[2]).toMatchObject({ type: "group", groupId: "g-1", traits: { size: 3 } });
  expect(wx.calls[3]).toMatchObject({ type: "alias", userId: "u-9", previousId: wx.calls[0]?.anonymousId });
});

test("until the visitor agrees nothing is kept and nothing goes; then everything with its own time", async () => {
  const tracker = begin({ consent: "pending" });
  wx.launch({ path: "pages/index", scene: 1001 });
  tracker.track("Product Viewed");
  await settle();
  expect([wx.sent, [...wx.kept]]).toEqual([[], []]);

  tracker.optIn();
  await settle();
  expect(events()).toEqual(["Application Opened", "Product Viewed"]);
  expect(new Set(wx.calls.map((call) => call.timestamp))).toEqual(new Set(["2026-03-04T04:00:00.000Z"]));
});

test("who does not agree leaves nothing on the device but that word, also tomorrow", async () => {
  const tracker = begin();
  tracker.register({ store: "hz-02" });
  tracker.identify("u-1");
  tracker.optOut();
  tracker.track("A");
  await settle();
  expect([...wx.kept]).toEqual([["quanyu.consent", '"denied"']]);
  begin().track("B");
  await settle();
  expect(wx.sent).toEqual([]);
});

test("load stands around App and Page, once", async () => {
  const world = globalThis as Record<string, unknown>;
  Object.assign(world, { wx, App: wx.makeApp, Page: wx.makePage });
  try {
    const { current, load } = await import("../../../sdk/miniprogram");
    const first = load({ writeKey: "qw_1_x", host: HOST });
    expect(load({ writeKey: "other", host: HOST })).toBe(first);
    expect(current()).toBe(first);
    (world.App as typeof wx.makeApp)({});
    (world.Page as typeof wx.makePage)({ route: "pages/index" });
    wx.launch({ path: "pages/index", scene: 1001 });
    wx.visit("pages/index");
    await settle();
    expect(events()).toEqual(["Application Installed", "Application Opened", "page"]);
  } finally {
    for (const name of ["wx", "App", "Page"]) delete world[name];
  }
});
