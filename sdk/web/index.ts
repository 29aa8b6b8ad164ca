/**
 * The script that `/sdk/quanyu.js` serves. Pages load it with the snippet of the console, which collects calls
 * until it is there; it then takes their place under the same name.
 */

import { type WebOptions, WebTracker } from "./tracker";

type Waiting = [method: string, ...given: unknown[]][];

const METHODS = [
  "page",
  "track",
  "identify",
  "group",
  "alias",
  "reset",
  "register",
  "unregister",
  "shareLink",
  "shared",
  "optIn",
  "optOut",
  "flush",
] as const;

export interface Quanyu {
  load(writeKey: string, options?: WebOptions): void;
  [method: string]: unknown;
}

declare global {
  interface Window {
    quanyu?: Quanyu | Waiting;
  }
}

const script = document.currentScript as HTMLScriptElement | null;

/** Make the object pages call. */
function makeQuanyu(host: string): Quanyu {
  let tracker: WebTracker | undefined;
  const quanyu: Quanyu = {
    loaded: true,
    load(writeKey, options = {}) {
      tracker ??= new WebTracker(writeKey, { host, ...options });
    },
    ready(then: (tracker: WebTracker) => void) {
      if (tracker) then(tracker);
    },
  };
  for (const method of METHODS) {
    quanyu[method] = (...given: unknown[]) =>
      tracker && (tracker[method] as (...given: unknown[]) => unknown)(...given);
  }
  for (const property of ["anonymousId", "consent"] as const) {
    Object.defineProperty(quanyu, property, { get: () => tracker?.[property] });
  }
  return quanyu;
}

const before = window.quanyu;
// A page that carries the snippet twice keeps the first.
if (!before || Array.isArray(before)) {
  const quanyu = makeQuanyu(script?.src ? new URL(script.src).origin : location.origin);
  window.quanyu = quanyu;
  const waiting = before ?? [];
  // The key comes first, however the page wrote it down.
  const isLoad = ([method]: Waiting[number]) => method === "load";
  for (const [method, ...given] of [...waiting.filter(isLoad), ...waiting.filter((call) => !isLoad(call))]) {
    const call = quanyu[method];
    if (typeof call === "function") call(...given);
  }
}
