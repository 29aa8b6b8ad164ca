/** What a computed attribute is made of, as the server reads it. */

import { type Facts, isComplete, namesOf } from "../segments/tree";

export const FIGURES = [
  "count",
  "sum",
  "avg",
  "min",
  "max",
  "percentile",
  "first",
  "last",
  "most_frequent",
  "distinct",
  "first_at",
  "last_at",
  "days_since_first",
  "days_since_last",
] as const;
export type Figure = (typeof FIGURES)[number];

export interface EventFigure extends Facts {
  kind: "events";
  figure: Figure;
  of?: { kind: "field"; field: string } | { kind: "product"; of: [string, string] };
  as_type?: "text" | "number" | "bool";
  percent?: number;
  top?: number;
}

export type Definition = EventFigure | { kind: "formula"; text: string } | { kind: "rank"; of: string };

const TIMES: readonly Figure[] = ["first_at", "last_at", "days_since_first", "days_since_last"];
const NUMBERS: readonly Figure[] = ["sum", "avg", "min", "max", "percentile"];

export const takesField = (figure: Figure) => !TIMES.includes(figure);
export const needsField = (figure: Figure) => takesField(figure) && figure !== "count";
export const needsNumber = (figure: Figure) => NUMBERS.includes(figure);
/** Figures that give back a value as it was told: of a property, its type has to be said. */
export const tellsValue = (figure: Figure) => ["first", "last", "most_frequent"].includes(figure);

export function emptyDefinition(kind: Definition["kind"]): Definition {
  if (kind === "formula") return { kind, text: "" };
  if (kind === "rank") return { kind, of: "" };
  return { kind, name: "", figure: "count", window: { kind: "rolling", amount: 90, unit: "days" } };
}

/** Another figure keeps only what it has a use for. */
export function withFigure(definition: EventFigure, figure: Figure): EventFigure {
  const { of, as_type, percent, top, ...facts } = definition;
  return {
    ...facts,
    figure,
    ...(takesField(figure) && of ? { of } : {}),
    ...(tellsValue(figure) && as_type ? { as_type } : {}),
    ...(figure === "percentile" ? { percent: percent ?? 50 } : {}),
    ...(figure === "most_frequent" && top ? { top } : {}),
  };
}

/** Whether the server could make something of it. */
export function isReady(definition: Definition): boolean {
  if (definition.kind === "formula") return definition.text.trim() !== "";
  if (definition.kind === "rank") return definition.of !== "";
  const { figure, of, name, each, where, window } = definition;
  const facts: Facts = { name, each, where, window };
  const field = of?.kind === "field" ? of.field : of?.of.join("");
  return (
    namesOf(facts).length > 0 &&
    isComplete({ kind: "event", count: { op: "gte", value: 1 }, ...facts }) &&
    (!needsField(figure) || Boolean(field))
  );
}
