/** What an event says in one line: commerce, WeChat, our own facts; anything else by its own name. */

import type { TimelineEvent } from "../../api/types";
import type { MessageKey, Params } from "../../i18n";
import { events as names } from "../../i18n/zh/events";
import type { Tone } from "../../ui/Tag";

export interface Words {
  t: (key: MessageKey, params?: Params) => string;
  has: (key: string) => key is MessageKey;
  money: (decimal: string | number, currency?: string | null) => string;
  reason: (code: string) => string;
  segment: (id: string) => string;
}

export interface Described {
  title: string;
  summary: string;
  tone: Tone;
}

const TEXT_MAX = 120;

type Properties = TimelineEvent["properties"];

function text(properties: Properties, ...keys: string[]): string {
  for (const key of keys) {
    const value = properties[key];
    if (typeof value === "string" && value.trim()) return value.trim().slice(0, TEXT_MAX);
    if (typeof value === "number") return String(value);
  }
  return "";
}

function join(...parts: string[]): string {
  return [...new Set(parts.filter(Boolean))].join(" · ");
}

function priceOf(event: TimelineEvent, words: Words): string {
  const price = text(event.properties, "price");
  return price && Number.isFinite(Number(price)) ? words.money(price, event.currency) : "";
}

function orderLine(event: TimelineEvent, words: Words): string {
  const { properties } = event;
  const products = Array.isArray(properties.products) ? properties.products : [];
  const amount = event.revenue ?? (text(properties, "revenue", "total") || null);
  const first = products[0];
  const named =
    typeof first === "object" && first !== null && !Array.isArray(first)
      ? text(first as Properties, "name", "sku", "product_id")
      : "";
  const goods =
    products.length > 1 ? words.t("eventLine.goods", { name: named, count: products.length }) : named;
  return join(amount === null ? "" : words.money(amount, event.currency), goods, event.order_id ?? "");
}

function timesOf(event: TimelineEvent): string {
  const quantity = Number(event.properties.quantity);
  return quantity > 1 ? `× ${quantity}` : "";
}

const PRODUCT = (event: TimelineEvent, words: Words) =>
  join(text(event.properties, "name", "sku", "product_id"), priceOf(event, words), timesOf(event));

type Summary = (event: TimelineEvent, words: Words) => string;

const messageLine: Summary = ({ properties }, words) => {
  const reason = text(properties, "reason");
  return reason ? words.reason(reason) : text(properties, "body", "text");
};

const followedLine: Summary = ({ properties, context }, { t, has }) => {
  const scene = text(properties, "subscribe_scene", "scene");
  const key = `scene.${scene}`;
  return join(has(key) ? t(key) : scene, text(context, "source_code"));
};

/** By exact name; names of the e-commerce specification keep their spelling. */
const SUMMARIES: Record<string, { tone: Tone; line: Summary }> = {
  "Product Viewed": { tone: "plain", line: PRODUCT },
  "Product Clicked": { tone: "plain", line: PRODUCT },
  "Product Added": { tone: "blue", line: PRODUCT },
  "Product Removed": { tone: "plain", line: PRODUCT },
  "Product Added to Wishlist": { tone: "plain", line: PRODUCT },
  "Products Searched": { tone: "plain", line: ({ properties }) => text(properties, "query") },
  "Product List Viewed": { tone: "plain", line: ({ properties }) => text(properties, "category", "list_id") },
  "Cart Viewed": { tone: "plain", line: orderLine },
  "Checkout Started": { tone: "blue", line: orderLine },
  "Payment Info Entered": { tone: "blue", line: ({ properties }) => text(properties, "payment_method") },
  "Order Completed": { tone: "amber", line: orderLine },
  "Order Updated": { tone: "plain", line: orderLine },
  "Order Cancelled": { tone: "red", line: orderLine },
  "Order Refunded": { tone: "red", line: orderLine },
  "Product Shared": { tone: "plain", line: PRODUCT },
  "Product Removed from Wishlist": { tone: "plain", line: PRODUCT },
  "Wishlist Product Added to Cart": { tone: "blue", line: PRODUCT },
  "Product Reviewed": {
    tone: "plain",
    line: ({ properties }) => text(properties, "review_body", "product_id"),
  },
  "Cart Shared": { tone: "plain", line: ({ properties }) => text(properties, "share_message", "share_via") },
  "Coupon Applied": { tone: "plain", line: ({ properties }) => text(properties, "coupon_name", "coupon_id") },
  "wechat.official_account.followed": { tone: "jade", line: followedLine },
  "wechat.official_account.unfollowed": { tone: "red", line: () => "" },
  "wechat.official_account.scanned": {
    tone: "jade",
    line: ({ properties, context }) => text(properties, "scene") || text(context, "source_code"),
  },
  "wechat.official_account.menu_clicked": {
    tone: "plain",
    line: ({ properties }) => text(properties, "key"),
  },
  "wechat.official_account.menu_viewed": { tone: "plain", line: ({ properties }) => text(properties, "url") },
  "wechat.official_account.message_received": {
    tone: "blue",
    line: ({ properties }) => text(properties, "content", "type"),
  },
  "wechat.official_account.template_send_finished": {
    tone: "plain",
    line: ({ properties }) => text(properties, "status"),
  },
  "wechat.official_account.user_info_fetched": { tone: "plain", line: () => "" },
  "people.consent_granted": {
    tone: "plain",
    line: ({ properties }) =>
      join(
        text(properties, "purpose"),
        text(properties, "channel"),
        text(properties, "source"),
        text(properties, "actor"),
      ),
  },
  "people.consent_withdrawn": {
    tone: "plain",
    line: ({ properties }) =>
      join(
        text(properties, "purpose"),
        text(properties, "channel"),
        text(properties, "source"),
        text(properties, "actor"),
      ),
  },
  "people.consent_expired": {
    tone: "plain",
    line: ({ properties }) =>
      join(
        text(properties, "purpose"),
        text(properties, "channel"),
        text(properties, "source"),
        text(properties, "actor"),
      ),
  },
  "people.tag_added": {
    tone: "plain",
    line: ({ properties }) =>
      join(text(properties, "tag"), text(properties, "group"), text(properties, "actor")),
  },
  "people.attribute_set": {
    tone: "plain",
    line: ({ properties }) => join(text(properties, "key"), text(properties, "actor")),
  },
  "people.tag_removed": {
    tone: "plain",
    line: ({ properties }) =>
      join(text(properties, "tag"), text(properties, "group"), text(properties, "actor")),
  },
  "segments.entered": {
    tone: "plain",
    line: ({ properties }, words) => words.segment(text(properties, "segment_id")),
  },
  "segments.left": {
    tone: "plain",
    line: ({ properties }, words) => words.segment(text(properties, "segment_id")),
  },
  "messaging.message_accepted": { tone: "jade", line: messageLine },
  "messaging.message_delivered": { tone: "jade", line: messageLine },
  "messaging.message_refused": { tone: "plain", line: messageLine },
  "messaging.message_rejected": { tone: "red", line: messageLine },
  "messaging.message_failed": { tone: "red", line: messageLine },
  "messaging.message_unknown": { tone: "amber", line: messageLine },
  "links.clicked": { tone: "jade", line: ({ properties }) => text(properties, "target") },
  "links.fetched": { tone: "plain", line: ({ properties }) => text(properties, "target") },
};

const BY_KIND: Record<string, Summary> = {
  page: ({ properties }) => text(properties, "title", "path", "url"),
  screen: ({ properties }) => text(properties, "title", "path"),
};

/** "Page Viewed" of kind page says nothing that the kind does not. */
function isGenericName({ name, kind }: TimelineEvent): boolean {
  return [kind, `${kind} viewed`].includes(name.toLowerCase());
}

function titleOf(event: TimelineEvent, { t, has }: Words): string {
  const named = `event.${event.name}`;
  if (has(named)) return t(named);
  const byKind = `eventKind.${event.kind}`;
  if (event.kind !== "track" && has(byKind)) return join(t(byKind), isGenericName(event) ? "" : event.name);
  return event.name;
}

export function describeEvent(event: TimelineEvent, words: Words): Described {
  const known = SUMMARIES[event.name];
  const line =
    known?.line ?? BY_KIND[event.kind] ?? (({ properties }) => text(properties, "name", "title", "label"));
  return { title: titleOf(event, words), summary: line(event, words), tone: known?.tone ?? "plain" };
}

/** The names offered by the timeline's filter: all that have words. */
export const KNOWN_EVENTS: readonly string[] = Object.keys(names).map((key) => key.slice("event.".length));
