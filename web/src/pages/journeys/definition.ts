/** A journey's definition as the server reads it. */

import type { JourneyDefinition, JsonObject } from "../../api/types";
import type { Condition } from "../segments/tree";

export type SpanUnit = "minutes" | "hours" | "days";

export interface Span {
  amount: number;
  unit: SpanUnit;
}

export type Entry =
  | { kind: "segment_entered"; segment_id: string; reentry?: JsonObject }
  | { kind: "event"; event: string; where?: JsonObject[]; reentry?: JsonObject };

export type JourneyNodeDefinition =
  | { kind: "wait"; label?: string; duration: Span; next: string }
  | { kind: "condition"; label?: string; condition: Condition; yes: string; no: string }
  | {
      kind: "send";
      label?: string;
      account_id: string;
      message_kind: string;
      content: { text: string };
      message_class: string;
      next: string;
    }
  | {
      kind: "wait_event";
      label?: string;
      event: string;
      timeout_after: Span;
      matched: string;
      timeout: string;
    }
  | { kind: "end"; label?: string };

export interface Definition {
  entry: Entry;
  start: string;
  nodes: Record<string, JourneyNodeDefinition>;
}

export function readDefinition(definition: JourneyDefinition): Definition {
  return definition as unknown as Definition;
}

export function writeDefinition(definition: Definition): JourneyDefinition {
  return definition as unknown as JourneyDefinition;
}
