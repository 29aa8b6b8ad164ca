/** A step that changes what is known of people. */

export type Change =
  | { kind: "tags"; add?: string[]; remove?: string[] }
  | { kind: "attribute"; key: string; value: string | number | boolean | null }
  | { kind: "list"; segment: string; put: boolean };

export interface UpdateNode {
  kind: "update";
  label?: string;
  change: Change;
  next: string;
}

export const FRESH_CHANGE: { [K in Change["kind"]]: Extract<Change, { kind: K }> } = {
  tags: { kind: "tags", add: [], remove: [] },
  attribute: { kind: "attribute", key: "", value: "" },
  list: { kind: "list", segment: "", put: true },
};

export const CHANGE_KINDS = Object.keys(FRESH_CHANGE) as Change["kind"][];

export function isChangeReady(change: Change): boolean {
  switch (change.kind) {
    case "tags":
      return (change.add ?? []).length + (change.remove ?? []).length > 0;
    case "attribute":
      return change.key !== "" && change.value !== "";
    case "list":
      return change.segment !== "";
  }
}
