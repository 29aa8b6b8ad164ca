import type { Catalogue } from "../../api/types";
import { type Facts, namesOf, type Scalar } from "./tree";

export type ValueType = "text" | "number" | "boolean";

const DECIMALS = ["revenue", "quantity"];
const ITEM_DECIMALS = ["item.price", "item.quantity"];
const COLUMNS = [
  "order_id",
  "currency",
  "source",
  "context.channel",
  "context.app",
  "context.scene",
  "context.source",
  "context.campaign",
  "context.content",
  "context.staff",
  "context.store",
  "context.group",
  "context.device",
];
const ITEM_TEXTS = [
  "item.product_id",
  "item.sku",
  "item.name",
  "item.category",
  "item.brand",
  "item.variant",
  "item.coupon",
];

export interface Field {
  name: string;
  type: ValueType;
}

export function asValueType(type: string): ValueType {
  if (/int|float|num|dec/i.test(type)) return "number";
  return /bool/i.test(type) ? "boolean" : "text";
}

function propertiesOf(condition: Facts, catalogue: Catalogue | undefined): Field[] {
  const names = new Set(namesOf(condition));
  const fields = new Map<string, Field>();
  for (const event of catalogue?.events ?? []) {
    if (!names.has(event.name)) continue;
    for (const property of event.properties) {
      const name = `properties.${property.key}`;
      fields.set(name, { name, type: asValueType(property.type) });
    }
  }
  return [...fields.values()];
}

/** What a filter may read: properties seen on these events first, then the columns of history. */
export function fieldsOf(condition: Facts, catalogue: Catalogue | undefined): Field[] {
  const items = condition.each === "items";
  return [
    ...propertiesOf(condition, catalogue),
    ...(items ? [...ITEM_DECIMALS.map(asNumber), ...ITEM_TEXTS.map(asText)] : []),
    ...DECIMALS.map(asNumber),
    ...COLUMNS.map(asText),
  ];
}

const asNumber = (name: string): Field => ({ name, type: "number" });
const asText = (name: string): Field => ({ name, type: "text" });

/** What was typed, as the type its field holds; text that is no number stays text for the server to judge. */
export function readScalar(text: string, type: ValueType): Scalar {
  if (type === "boolean") return text === "true";
  if (type === "number" && text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  return text;
}
