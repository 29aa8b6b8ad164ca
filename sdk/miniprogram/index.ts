/**
 * The mini-program SDK: one file, usable in a native mini program and under Taro.
 *
 * Load it first in `app.js` (`app.ts` of Taro): it then stands around `App` and `Page`, and every page made
 * afterwards is counted.
 */

import { type MiniProgramOptions, MiniProgramTracker } from "./tracker";
import type { Handlers, Wx } from "./wx";

declare const wx: Wx;
declare let App: (handlers: Handlers) => unknown;
declare let Page: (handlers: Handlers) => unknown;

let tracker: MiniProgramTracker | undefined;

/** Begin; a second call returns the first's tracker. */
export function load(options: MiniProgramOptions): MiniProgramTracker {
  if (tracker) return tracker;
  const made = new MiniProgramTracker(wx, options);
  tracker = made;
  // Under the developer tools of old, or in a plugin, one of them may be missing.
  if (typeof App === "function") App = wrapped(App, (handlers) => made.wrapApp(handlers));
  if (typeof Page === "function") Page = wrapped(Page, (handlers) => made.wrapPage(handlers));
  return made;
}

/** The tracker that `load` made. */
export function current(): MiniProgramTracker | undefined {
  return tracker;
}

function wrapped(original: (handlers: Handlers) => unknown, wrap: (handlers: Handlers) => Handlers) {
  return (handlers: Handlers) => original(wrap(handlers));
}

export type { LoggedIn, MiniProgramOptions } from "./tracker";
