/** Where somebody came from: campaign, click id, source code and the share that brought them. */

import type { Properties } from "./call";
import type { Store } from "./store";

/** For so long an arrival explains what follows. */
const KEPT_MS = 30 * 86_400_000;
const LENGTH_MAX = 200;
const CLICK_IDS = ["gdt_vid", "qz_gdt", "gclid", "msclkid", "clickid", "click_id"];

export interface Arrival {
  at: number;
  campaign?: Record<string, string>;
  clickId?: string;
  clickIdKind?: string;
  sourceCode?: string;
  shareId?: string;
  shareDepth?: number;
}

/** What the parameters of an address say; nothing if they say nothing. */
export function arrivalOf(query: Record<string, string | undefined>, now: number): Arrival | undefined {
  const arrival: Arrival = { at: now };
  const campaign: Record<string, string> = {};
  for (const part of ["source", "medium", "campaign", "term", "content"]) {
    const said = query[`utm_${part}`];
    if (said) campaign[part === "campaign" ? "name" : part] = said.slice(0, LENGTH_MAX);
  }
  if (Object.keys(campaign).length > 0) arrival.campaign = campaign;
  const kind = CLICK_IDS.find((each) => query[each]);
  if (kind) {
    arrival.clickIdKind = kind;
    arrival.clickId = query[kind]?.slice(0, LENGTH_MAX);
  }
  if (query.qy_code) arrival.sourceCode = query.qy_code.slice(0, LENGTH_MAX);
  const [shareId, depth] = (query.qy_share ?? "").split("-");
  if (shareId) {
    arrival.shareId = shareId.slice(0, 40);
    arrival.shareDepth = Math.min(Math.max(Math.floor(Number(depth)) || 1, 1), 99);
  }
  return Object.keys(arrival).length > 1 ? arrival : undefined;
}

/** Keep a new arrival instead of the last, and return the one that counts now. */
export function rememberArrival(store: Store, fresh: Arrival | undefined, now: number): Arrival | undefined {
  if (fresh) store.set("arrival", fresh);
  const kept = fresh ?? store.get<Arrival>("arrival");
  return kept && now - kept.at < KEPT_MS ? kept : undefined;
}

/** The part of a call's context that an arrival gives. */
export function contextOf(arrival: Arrival | undefined): Properties {
  const context: Properties = {};
  if (arrival?.campaign) context.campaign = arrival.campaign;
  if (arrival?.sourceCode) context.sourceCode = arrival.sourceCode;
  return context;
}

/** The part of a call's properties that an arrival gives. */
export function propertiesOf(arrival: Arrival | undefined): Properties {
  const properties: Properties = {};
  if (arrival?.clickId) {
    properties.click_id = arrival.clickId;
    properties.click_id_kind = arrival.clickIdKind;
  }
  if (arrival?.shareId) {
    properties.from_share = arrival.shareId;
    properties.share_depth = arrival.shareDepth;
  }
  return properties;
}

/** The parameters of a query without its question mark. */
export function parseQuery(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const pair of text.replace(/^\?/, "").split("&")) {
    const [name, value = ""] = pair.split("=");
    if (!name) continue;
    found[decode(name)] = decode(value);
  }
  return found;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, " "));
  } catch {
    return text;
  }
}

/** An address with the parameter that tells who shared it. */
export function withShare(address: string, shareId: string, depth: number): string {
  const [front = "", hash] = splitAt(address, "#");
  const [path = "", query = ""] = splitAt(front, "?");
  const others = query.split("&").filter((pair) => pair && !pair.startsWith("qy_share="));
  const joined = [...others, `qy_share=${shareId}-${depth}`].join("&");
  return `${path}?${joined}${hash === undefined ? "" : `#${hash}`}`;
}

function splitAt(text: string, mark: string): [string, string | undefined] {
  const place = text.indexOf(mark);
  return place < 0 ? [text, undefined] : [text.slice(0, place), text.slice(place + 1)];
}
