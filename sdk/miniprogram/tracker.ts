/** Events of a mini program. */

import { arrivalOf, parseQuery } from "../core/arrival";
import type { ExternalId, Properties } from "../core/call";
import type { Answer } from "../core/outbox";
import { type Shelf, Store } from "../core/store";
import { type Options, Tracker } from "../core/tracker";
import {
  contextOfDevice,
  type Handler,
  type Handlers,
  type LaunchOptions,
  type ShareContent,
  type Wx,
} from "./wx";

export interface MiniProgramOptions extends Options {
  writeKey: string;
  /** The platform's address. It must be among the 服务器域名 (request) of the mini program. */
  host: string;
  /** Tell of every page that is shown. On by default. */
  pages?: boolean;
  /** Mark and tell of what is shared. On by default. */
  shares?: boolean;
}

/** Who your own server says has logged in, after it has exchanged the code. */
export interface LoggedIn {
  userId?: string;
  openid?: string;
  unionid?: string;
  traits?: Properties;
}

const ANSWER_LIMIT_MS = 15_000;

export class MiniProgramTracker extends Tracker {
  private readonly device: Properties;
  private scene = "";
  private path = "";
  private previous = "";
  private query = "";

  constructor(
    private readonly wx: Wx,
    private readonly mini: MiniProgramOptions,
  ) {
    const url = `${mini.host.replace(/\/+$/, "")}/v1/batch`;
    super(mini.writeKey, new Store(shelf(wx)), (body) => post(wx, url, body), mini);
    this.device = contextOfDevice(wx);
    wx.onNetworkStatusChange?.(({ isConnected }) => isConnected && this.wake());
    this.wake();
  }

  /**
   * Log in and say who it is. `exchange` hands the code of `wx.login` to your own server, which alone may ask
   * WeChat with it, and returns whom it found.
   */
  login(exchange: (code: string) => Promise<LoggedIn>): Promise<LoggedIn> {
    return new Promise<string>((found, failed) => {
      this.wx.login({ success: ({ code }) => found(code), fail: failed });
    })
      .then(exchange)
      .then((who) => {
        const ids: ExternalId[] = [];
        if (who.openid) ids.push({ type: "openid", id: who.openid, scope: String(this.device.appId ?? "") });
        if (who.unionid) ids.push({ type: "unionid", id: who.unionid });
        this.identify(who.userId, who.traits, ids);
        return who;
      });
  }

  /** The handlers of an application, each after what we note, so that what they say knows it. */
  wrapApp(handlers: Handlers): Handlers {
    return {
      ...handlers,
      onLaunch: noting(handlers.onLaunch, (options: LaunchOptions = {}) => this.launched(options)),
      onShow: noting(handlers.onShow, (options: LaunchOptions = {}) => this.shown(options)),
      onHide: noting(handlers.onHide, () => {
        this.track("Application Backgrounded");
        this.query = ""; // Who comes back through the same link arrives anew.
        this.flush();
      }),
    };
  }

  /** The handlers of a page, each after what we note. Sharing is only marked where the page allows it. */
  wrapPage(handlers: Handlers): Handlers {
    const wrapped: Handlers = { ...handlers };
    if (this.mini.pages !== false) {
      const note = (page: unknown) => this.pageShown(String((page as { route?: string })?.route ?? ""));
      wrapped.onShow = noting(handlers.onShow, function (this: unknown) {
        note(this);
      });
    }
    if (this.mini.shares !== false) {
      this.wrapShare(wrapped, "onShareAppMessage", "chat");
      this.wrapShare(wrapped, "onShareTimeline", "moments");
    }
    return wrapped;
  }

  protected context(): Properties {
    return {
      ...this.device,
      ...(this.scene ? { scene: this.scene } : {}),
      ...(this.path ? { page: { path: this.path } } : {}),
    };
  }

  private launched(options: LaunchOptions): void {
    this.note(options);
    this.whenFirst(() => this.track("Application Installed"));
  }

  private shown(options: LaunchOptions): void {
    this.note(options);
    const from = options.referrerInfo?.appId;
    this.track("Application Opened", { path: options.path, ...(from ? { from_app: from } : {}) });
    this.wake();
  }

  private note(options: LaunchOptions): void {
    this.scene = options.scene === undefined ? this.scene : String(options.scene);
    this.path = options.path ?? this.path;
    // A launch is told twice, by onLaunch and onShow.
    const query = JSON.stringify(options.query ?? {});
    if (query === this.query) return;
    this.query = query;
    this.arriveBy(options.query ?? {});
  }

  /** A query tells of campaigns and shares; the `scene` of a mini program code holds the same, encoded. */
  private arriveBy(query: Record<string, string | undefined>): void {
    const inCode = query.scene ? parseQuery(safelyDecoded(query.scene)) : {};
    this.arrive(arrivalOf({ ...inCode, ...query }, Date.now()));
  }

  private pageShown(route: string): void {
    if (route && route !== this.path) this.previous = this.path;
    this.path = route || this.path;
    this.page(this.path, { path: this.path, ...(this.previous ? { referrer: this.previous } : {}) });
  }

  private wrapShare(
    handlers: Handlers,
    name: "onShareAppMessage" | "onShareTimeline",
    channel: string,
  ): void {
    const original = handlers[name];
    if (typeof original !== "function") return;
    const mark = (content: ShareContent | undefined, from: string) => this.markShare(content, channel, from);
    handlers[name] = function (this: unknown, ...given: unknown[]) {
      const content = (original as Handler).apply(this, given) as ShareContent | undefined;
      return mark(content, String((given[0] as { from?: string } | undefined)?.from ?? "menu"));
    };
  }

  private markShare(content: ShareContent = {}, channel: string, from: string): ShareContent {
    const address = content.path ?? `/${this.path}`;
    this.shared(channel, {
      path: address.split("?")[0],
      from,
      ...(content.title ? { title: content.title } : {}),
    });
    const marked: ShareContent = { ...content };
    // The moments take the query alone; a chat takes the whole path.
    if (channel === "moments") marked.query = this.shareLink(`?${content.query ?? ""}`).slice(1);
    else marked.path = this.shareLink(address);
    if (content.promise) {
      marked.promise = content.promise.then((late) => ({
        ...late,
        path: this.shareLink(late.path ?? address),
      }));
    }
    return marked;
  }

  private whenFirst(say: () => void): void {
    if (this.consent !== "granted" || this.store.get("installed")) return;
    this.store.set("installed", 1);
    say();
  }
}

/** A handler that notes something and then does what it did; ours never breaks theirs. */
function noting(original: unknown, note: (this: unknown, options?: LaunchOptions) => void): Handler {
  return function (this: unknown, ...given: unknown[]) {
    try {
      note.call(this, given[0] as LaunchOptions | undefined);
    } catch {
      // Counting must not stop a program from working.
    }
    return typeof original === "function" ? original.apply(this, given) : undefined;
  };
}

function post(wx: Wx, url: string, data: string): Promise<Answer> {
  return new Promise((answered, failed) => {
    wx.request({
      url,
      method: "POST",
      data,
      header: { "content-type": "application/json" },
      timeout: ANSWER_LIMIT_MS,
      success: ({ statusCode, header }) =>
        answered({
          status: statusCode,
          retryAfterS: Number(header?.["Retry-After"] ?? header?.["retry-after"]) || 0,
        }),
      fail: failed,
    });
  });
}

function shelf(wx: Wx): Shelf {
  return {
    read: (name) => {
      const kept = wx.getStorageSync(name);
      return typeof kept === "string" && kept ? kept : null;
    },
    write: (name, text) => wx.setStorageSync(name, text),
    remove: (name) => wx.removeStorageSync(name),
  };
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
