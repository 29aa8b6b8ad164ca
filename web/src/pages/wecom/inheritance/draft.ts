import type { Kind, Method, PlanInheritance } from "../../../api/wecom/inheritance";

/** What the wizard holds while its steps are filled in. */
export interface Draft {
  corp: string;
  kind: Kind;
  handover: string;
  scope: "all" | "some" | "none";
  tags: string[];
  addedFrom: string;
  addedTo: string;
  ways: number[];
  groups: string[];
  takers: { userid: string; weight: number; limit: number }[];
  method: Method;
  message: string;
}

export const EMPTY: Draft = {
  corp: "",
  kind: "on_job",
  handover: "",
  scope: "all",
  tags: [],
  addedFrom: "",
  addedTo: "",
  ways: [],
  groups: [],
  takers: [],
  method: "evenly",
  message: "",
};

/** Whether a step is filled in. */
export function isReady(step: number, draft: Draft): boolean {
  if (step === 0) return Boolean(draft.corp && draft.handover);
  if (step === 1) return draft.scope !== "none" || draft.groups.length > 0;
  return draft.takers.length > 0;
}

/** The plan to ask for. Days are those of the reader's clock. */
export function planOf(draft: Draft): PlanInheritance {
  const day = (text: string) => (text ? new Date(`${text}T00:00:00`).toISOString() : null);
  const some = {
    tags: draft.tags,
    added_from: day(draft.addedFrom),
    added_to: day(draft.addedTo),
    add_ways: draft.ways,
    states: [],
  };
  return {
    corp: draft.corp,
    kind: draft.kind,
    handover: draft.handover,
    takers: draft.takers,
    method: draft.method,
    customers: draft.scope === "none" ? null : draft.scope === "all" ? {} : some,
    groups: draft.groups,
    message: draft.kind === "on_job" ? draft.message : "",
  };
}
