/**
 * The words the console and the server share.
 *
 * Everything else imports the names from here, so that this is the only file that changes when the
 * description of the API does.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** One page of a list; `next_cursor` is null on the last one. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
  total?: number | null;
}

/** RFC 9457 problem details, as the server renders every error. */
export interface Problem {
  type?: string;
  title?: string;
  status: number;
  code?: string;
  detail?: string;
  detail_zh?: string | null;
  [key: string]: unknown;
}

export interface Session {
  user: { id: string; name: string };
  brand: { id: string; name: string; time_zone: string; currency: string };
  demo: boolean;
  version: string;
  now: string;
  clock_rate: number;
}

export interface JourneyCounts {
  id: string;
  name: string;
  status: JourneyStatus;
  nodes: { id: string; label: string; kind: string; entered: number; waiting: number; left: number }[];
}

export interface Overview {
  people: { total: number; new_24h: number; followers: number };
  events: { total: number; per_minute: { at: string; count: number }[] };
  messages: Record<string, unknown> & { refusals: { reason: string; count: number }[] };
  revenue: {
    currency: string;
    last_24h: string;
    last_30d: string;
    by_day: { date: string; revenue: string; orders: number }[];
  };
  journeys: JourneyCounts[];
  pipeline: {
    accepted: number;
    resolved: number;
    stored: number;
    lag_events: number;
    lag_s: number;
    horizon_age_s: number;
    dead_letters: number;
  };
}

export interface PersonRow {
  id: string;
  display_name: string | null;
  avatar_seed: string;
  first_seen_at: string | null;
  last_seen_at: string | null;
  city: string | null;
  rfm_class: string | null;
  orders: number | null;
  revenue: string | null;
  reachable: boolean | null;
}

export interface Rfm {
  recency_days: number;
  frequency: number;
  monetary: string;
  r: number;
  f: number;
  m: number;
  class: string;
}

export interface Person {
  id: string;
  display_name: string | null;
  first_seen_at: string | null;
  last_seen_at: string | null;
  attributes: {
    key: string;
    value: Json;
    source: string;
    occurred_at: string | null;
    classification: string;
  }[];
  identities: {
    namespace: string;
    scope: string;
    value_masked: string;
    strength: number;
    first_seen_at: string | null;
    evidence: string[];
  }[];
  segments: { id: string; name: string; since: string | null }[];
  totals: PersonTotals | null;
  rfm: Rfm | null;
  reachable: boolean | null;
}

export interface PersonTotals {
  orders: number;
  revenue: string;
  currency: string;
  last_order_at: string | null;
  events: number;
}

export interface TimelineEvent {
  id: string;
  name: string;
  kind: string;
  occurred_at: string;
  received_at: string;
  source: string;
  properties: JsonObject;
  revenue: string | null;
  currency: string | null;
  order_id: string | null;
  context: JsonObject;
}

export interface Segment {
  id: string;
  name: string;
  description: string;
  definition: JsonObject;
  count: number | null;
  as_of: string | null;
  created_at: string;
  updated_at: string;
  status: string;
}

export interface SegmentPreview {
  count: number;
  as_of: string;
  took_ms: number;
  sample: PersonRow[];
}

export interface Catalogue {
  attributes: { key: string; type: string; examples: Json[] }[];
  events: {
    name: string;
    count: number;
    last_seen_at: string | null;
    properties: { key: string; type: string }[];
  }[];
}

export interface RfmSummary {
  as_of: string | null;
  people: number;
  currency: string;
  classes: { class: string; people: number; revenue: string; share: number | string }[];
  matrix: { r: number; f: number; people: number }[];
}

export interface RfmPerson extends Rfm {
  person_id: string;
  display_name: string | null;
}

export type JourneyStatus = "draft" | "published" | "running" | "paused" | "stopped";

export interface JourneyNode {
  id: string;
  kind: string;
  label: string;
  entered: number;
  waiting: number;
  left: number;
  outcomes: Record<string, number>;
}

export interface JourneySummary {
  id: string;
  name: string;
  status: JourneyStatus;
  version: number;
  entered: number;
  active: number;
  completed: number;
}

export interface Journey extends JourneySummary {
  definition: JourneyDefinition;
  nodes: JourneyNode[];
}

export interface JourneyDefinition {
  entry: JsonObject & { kind: string };
  start: string;
  nodes: Record<string, JsonObject & { kind: string }>;
}

export interface Message {
  id: string;
  person_id: string;
  display_name: string | null;
  channel: string;
  kind: string;
  state: string;
  reason: string | null;
  reason_text: { zh: string; en: string } | null;
  body: string | null;
  planned_at: string;
  updated_at: string;
  journey_id: string | null;
  node_id: string | null;
}

export interface MessagesSummary {
  by_state: Record<string, number>;
}

export interface OfficialAccount {
  id: string;
  app_id: string;
  name: string;
  base_url: string;
  callback_url: string;
  followers: number;
  last_callback_at: string | null;
  created_at: string;
  updated_at: string;
}

export interface ConnectOfficialAccount {
  app_id: string;
  app_secret: string;
  name?: string;
  token?: string;
  encoding_aes_key?: string;
  base_url?: string;
}

/** What to enter in the platform's own console; the server says it once. */
export interface CallbackSetup {
  url: string;
  token: string;
  encoding_aes_key: string;
  mode: string;
}

export interface ConnectedAccount {
  account: OfficialAccount;
  setup: CallbackSetup;
}

/** `ok` is null where another failure left nothing to look at. */
export interface ChannelCheck {
  name: string;
  ok: boolean | null;
  detail_zh: string;
  detail_en: string;
}

export interface ImportRun {
  id: string;
  kind: string;
  file: string;
  status: string;
  rows_total: number | null;
  rows_read: number;
  rows_rejected: number;
  events_written: number;
  events_duplicate: number;
  started_at: string | null;
  finished_at: string | null;
  rejects_path: string | null;
  error: string | null;
}

export interface Tracking {
  write_keys: WriteKey[];
  endpoint: string;
}

export interface WriteKey {
  id: string;
  name: string;
  source: string;
  key_masked: string;
  created_at: string;
}

export interface NewWriteKey {
  write_key: string;
  endpoint: string;
}
