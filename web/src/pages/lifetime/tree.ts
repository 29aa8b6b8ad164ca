import type { SegmentDraft } from "../../api/types";

export interface Bands {
  alive: string;
  value: string;
}

/** The people of the chosen bands as a segment: it follows every later computation by itself. */
export function definitionOf({ alive, value }: Bands): SegmentDraft["definition"] {
  const chosen = [
    { key: "lifetime_alive_band", band: alive },
    { key: "lifetime_value_band", band: value },
  ].filter((one) => one.band !== "");
  const of = chosen.map(({ key, band }) => ({ kind: "attribute", key, op: "eq", value: Number(band) }));
  return { kind: "all", of } as SegmentDraft["definition"];
}
