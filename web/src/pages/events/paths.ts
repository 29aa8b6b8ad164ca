/** Where one event name is shown; names may hold anything, so they are no part of a path. */
export const eventPath = (name: string) => `/events/one?name=${encodeURIComponent(name)}`;

const PLACES: Record<string, string> = {
  segment: "/segments",
  metric: "/figures",
  board: "/dashboards",
  analysis: "/behaviour/saved",
  computed: "/computed-attributes",
  journey: "/journeys",
};

/** Where something that asks for events is shown. */
export const pathOfUse = (use: { kind: string; id: string }) => `${PLACES[use.kind] ?? ""}/${use.id}`;
