/** Events of pages in a browser, those inside WeChat included. */

import { arrivalOf, parseQuery } from "../core/arrival";
import type { Properties } from "../core/call";
import type { Answer } from "../core/outbox";
import { type Shelf, Store } from "../core/store";
import { type Options, Tracker } from "../core/tracker";

export interface WebOptions extends Options {
  /** The platform's address; by default where the script came from. */
  host?: string;
  /** Tell of every page that is looked at, those of single-page applications included. On by default. */
  pages?: boolean;
  /** Count what follows `#` as part of the page, for applications that route by it. Off by default. */
  hash?: boolean;
}

const ANSWER_LIMIT_MS = 15_000;

export class WebTracker extends Tracker {
  private readonly url: string;
  private seen = "";
  private referrer = bare(document.referrer);

  constructor(
    writeKey: string,
    private readonly web: WebOptions,
  ) {
    const url = `${(web.host ?? location.origin).replace(/\/+$/, "")}/v1/batch`;
    super(writeKey, new Store(shelf()), (body) => post(url, body), web);
    this.url = url;
    this.arrive(arrivalOf(parseQuery(location.search), Date.now()));
    if (web.pages !== false) this.watchPages();
    this.watchLeaving();
    this.wake();
  }

  override page(name?: string, properties?: Properties): void {
    super.page(name ?? document.title, {
      path: this.place(),
      url: bare(location.href),
      title: document.title,
      referrer: this.referrer,
      ...properties,
    });
  }

  override shareLink(address = location.href): string {
    return super.shareLink(address);
  }

  protected context(): Properties {
    return {
      channel: /MicroMessenger/i.test(navigator.userAgent) ? "wechat_h5" : "web",
      library: { name: "quanyu-web" },
      locale: navigator.language,
      os: { name: osOf(navigator.userAgent) },
      device: { type: /Mobi|Android|iPhone|iPad/i.test(navigator.userAgent) ? "mobile" : "desktop" },
      page: { path: this.place(), title: document.title, referrer: this.referrer },
    };
  }

  private place(): string {
    return location.pathname + (this.web.hash ? bare(location.hash, "") : "");
  }

  /** One view for every address; what rewrites only the query (filters, our own marks) is the same page. */
  private watchPages(): void {
    const look = () => {
      const place = this.place();
      if (place === this.seen) return;
      if (this.seen) this.referrer = location.origin + this.seen;
      this.seen = place;
      // Applications set the title after the address.
      setTimeout(() => this.place() === place && this.page(), 0);
    };
    for (const method of ["pushState", "replaceState"] as const) {
      const original = history[method];
      history[method] = function (this: History, ...given) {
        original.apply(this, given);
        look();
      };
    }
    addEventListener("popstate", look);
    addEventListener("hashchange", look);
    look();
  }

  private watchLeaving(): void {
    addEventListener("online", () => this.wake());
    addEventListener("pageshow", (event) => event.persisted && this.wake());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.sayFarewell();
      else this.wake();
    });
    addEventListener("pagehide", () => this.sayFarewell());
  }

  /** A page that goes away hears no answer: all of it stays kept, and the platform counts it once. */
  private sayFarewell(): void {
    if (navigator.onLine === false || !navigator.sendBeacon) return;
    for (const body of this.farewell()) if (!navigator.sendBeacon(this.url, body)) return;
  }
}

/** Plain text, so that the browser asks the platform for no leave first. */
function post(url: string, body: string): Promise<Answer> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ANSWER_LIMIT_MS);
  return fetch(url, { method: "POST", body, signal: stop.signal, credentials: "omit" })
    .then((answer) => ({
      status: answer.status,
      retryAfterS: Number(answer.headers.get("retry-after")) || 0,
    }))
    .finally(() => clearTimeout(timer));
}

function shelf(): Shelf {
  return {
    read: (name) => localStorage.getItem(name),
    write: (name, text) => localStorage.setItem(name, text),
    remove: (name) => localStorage.removeItem(name),
  };
}

/** An address without its query and mark: those may carry who somebody is. */
function bare(address: string, mark = "#"): string {
  return address.split("?")[0]?.split(mark || "\0")[0] ?? "";
}

function osOf(agent: string): string {
  if (/iPhone|iPad|iPod/.test(agent)) return "iOS";
  if (/HarmonyOS|OpenHarmony/.test(agent)) return "HarmonyOS";
  if (/Android/.test(agent)) return "Android";
  if (/Windows/.test(agent)) return "Windows";
  return /Mac OS/.test(agent) ? "macOS" : /Linux/.test(agent) ? "Linux" : "";
}
