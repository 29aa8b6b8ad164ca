const PLACES: Record<string, string> = {
  segment: "/segments",
  metric: "/figures",
  board: "/dashboards",
  analysis: "/behaviour/saved",
  computed: "/computed-attributes",
  attribute: "/computed-attributes",
  journey: "/journeys",
};

/** Where something is shown that asks for events or reads attributes. */
export const pathOfUse = (use: { kind: string; id: string }) => `${PLACES[use.kind] ?? ""}/${use.id}`;
