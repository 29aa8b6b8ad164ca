/** A list of people as its address has it, so that a link shows the same list. */

import type { PeopleFilter, PeopleListing } from "../../../api/peopleLists";

/** What a row always brings; everything else is looked up. */
export const OWN_COLUMNS = [
  "class",
  "reachable",
  "orders",
  "revenue",
  "last_seen",
  "first_seen",
  "tags",
] as const;
export const DEFAULT_COLUMNS: readonly string[] = ["class", "reachable", "orders", "revenue", "last_seen"];
export const ORDERS = ["added", "last_seen", "first_seen", "orders", "revenue"] as const;
export const COLUMNS_MAX = 20;
export const ATTRIBUTE = "attribute:";
export const IDENTITY = "identity:";

export function readListing(params: URLSearchParams): PeopleListing {
  const order = params.get("order") || "added";
  const columns = params.getAll("column").filter(Boolean).slice(0, COLUMNS_MAX);
  return {
    filter: readFilter(params),
    order,
    descending: params.get("way") !== "up",
    columns: columns.length > 0 ? columns : DEFAULT_COLUMNS,
  };
}

function readFilter(params: URLSearchParams): PeopleFilter {
  const text = (name: string) => params.get(name) || undefined;
  const [namespace, ...scope] = (params.get("identity") ?? "").split("@");
  return {
    q: text("q"),
    segment: text("segment"),
    tag: text("tag"),
    identity: namespace ? { namespace, scope: scope.join("@") } : undefined,
    first_seen_from: text("from"),
    first_seen_to: text("to"),
    conditions: readTree(params.get("where")),
  };
}

/** An address somebody cut short shows the list without its conditions, not a page that fails. */
function readTree(text: string | null): Record<string, unknown> | undefined {
  if (!text) return undefined;
  try {
    const tree: unknown = JSON.parse(text);
    return typeof tree === "object" && tree !== null && !Array.isArray(tree)
      ? (tree as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

export function writeListing(listing: PeopleListing): URLSearchParams {
  const { filter } = listing;
  const params = new URLSearchParams();
  const put = (name: string, value: string | undefined) => {
    if (value) params.set(name, value);
  };
  put("q", filter.q);
  put("segment", filter.segment);
  put("tag", filter.tag);
  if (filter.identity) put("identity", identityKey(filter.identity));
  put("from", filter.first_seen_from);
  put("to", filter.first_seen_to);
  put("where", filter.conditions && JSON.stringify(filter.conditions));
  if (listing.order !== "added") put("order", listing.order);
  if (!listing.descending) put("way", "up");
  if (!isDefault(listing.columns)) for (const column of listing.columns) params.append("column", column);
  return params;
}

export function identityKey({ namespace, scope }: { namespace: string; scope?: string }): string {
  return scope ? `${namespace}@${scope}` : namespace;
}

export function isFiltered(filter: PeopleFilter): boolean {
  return Object.values(filter).some(Boolean);
}

function isDefault(columns: readonly string[]): boolean {
  return columns.join() === DEFAULT_COLUMNS.join();
}
