/**
 * A mini program's world as the SDK meets it: storage with its limits, requests that are asynchronous and
 * succeed for every status, a list of allowed domains, `App` and `Page` with their life cycles.
 */
import type { Handlers, LaunchOptions, ShareContent, Wx } from "../../../sdk/miniprogram/wx";

const VALUE_BYTES_MAX = 1_000_000;

export interface Sent {
  url: string;
  body: { writeKey: string; sentAt: string; batch: Record<string, unknown>[] };
}

type Called = (this: unknown, ...given: unknown[]) => unknown;

export class FakeWx implements Wx {
  readonly kept = new Map<string, string>();
  readonly sent: Sent[] = [];
  readonly allowed = ["https://brand.example"];
  /** What the platform answers, one after the other; 0 is no network, and 200 when there is nothing more. */
  answers: number[] = [];
  private app: Handlers = {};
  private readonly pages = new Map<string, Handlers>();
  private onNetwork: ((state: { isConnected: boolean }) => void) | undefined;

  getStorageSync(name: string) {
    return this.kept.get(name) ?? "";
  }

  setStorageSync(name: string, value: string) {
    if (value.length > VALUE_BYTES_MAX) throw new Error("setStorageSync:fail entry size limit reached");
    this.kept.set(name, value);
  }

  removeStorageSync(name: string) {
    this.kept.delete(name);
  }

  request(options: Parameters<Wx["request"]>[0]) {
    setTimeout(() => {
      const status = this.answers.shift() ?? 200;
      const isAllowed = this.allowed.some((domain) => options.url.startsWith(`${domain}/`));
      if (!isAllowed) return options.fail({ errMsg: "request:fail url not in domain list" });
      if (status === 0) return options.fail({ errMsg: "request:fail timeout" });
      this.sent.push({ url: options.url, body: JSON.parse(options.data) });
      options.success({ statusCode: status, header: {} });
    }, 5);
  }

  login({ success }: Parameters<Wx["login"]>[0]) {
    setTimeout(() => success({ code: "code-1" }), 5);
  }

  getAccountInfoSync() {
    return { miniProgram: { appId: "wx1234567890abcdef", version: "1.0.0", envVersion: "release" } };
  }

  getDeviceInfo() {
    return { platform: "ios" };
  }

  getAppBaseInfo() {
    return { language: "zh_CN" };
  }

  onNetworkStatusChange(then: (state: { isConnected: boolean }) => void) {
    this.onNetwork = then;
  }

  /** What `App` and `Page` are to the program. */
  readonly makeApp = (handlers: Handlers) => {
    this.app = handlers;
  };
  readonly makePage = (handlers: Handlers) => {
    this.pages.set(String(handlers.route ?? "pages/index"), handlers);
  };

  launch(options: LaunchOptions) {
    call(this.app.onLaunch, this.app, options);
    call(this.app.onShow, this.app, options);
  }

  show(options: LaunchOptions) {
    call(this.app.onShow, this.app, options);
  }

  hide() {
    call(this.app.onHide, this.app);
  }

  visit(route: string, query: Record<string, string> = {}) {
    const page = this.pages.get(route);
    const self = { ...page, route };
    call(page?.onLoad, self, query);
    call(page?.onShow, self);
  }

  share(route: string, name: "onShareAppMessage" | "onShareTimeline" = "onShareAppMessage") {
    const page = this.pages.get(route);
    return call(page?.[name], { ...page, route }, { from: "menu" }) as ShareContent | undefined;
  }

  reconnect() {
    this.onNetwork?.({ isConnected: true });
  }

  /** Every call that arrived, in order. */
  get calls() {
    return this.sent.flatMap(({ body }) => body.batch);
  }
}

function call(handler: unknown, self: unknown, ...given: unknown[]) {
  return typeof handler === "function" ? (handler as Called).apply(self, given) : undefined;
}
