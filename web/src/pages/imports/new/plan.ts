import type { ColumnUse, ImportColumn, ImportKind, ImportMapping, ImportPlan } from "../../../api/imports";

export type Role = ColumnUse["role"];

const PEOPLE: readonly Role[] = ["identifier", "attribute", "tags", "consent", "time", "skip"];
const EVENTS: readonly Role[] = [
  "identifier",
  "event_name",
  "time",
  "property",
  "context",
  "message_id",
  "skip",
];

export const rolesOf = (kind: ImportKind): readonly Role[] => (kind === "people" ? PEOPLE : EVENTS);

export const IDENTIFIERS = [
  "phone",
  "member_no",
  "user_id",
  "unionid",
  "openid",
  "external_userid",
  "email",
  "device",
  "anonymous_id",
] as const;
export const CONTEXT = ["channel", "scene", "campaign", "content", "staff", "store", "source_code"] as const;
export const TYPES = ["text", "integer", "number", "boolean", "date", "time"] as const;
export const CHANNELS = ["*", "official_account", "mini_program", "wecom", "sms", "email", "call"] as const;

const SCOPED: readonly string[] = ["openid", "external_userid"];

/** An openid is one account's, an external contact one corp's. */
export const needsScope = (use: ColumnUse) => use.role === "identifier" && SCOPED.includes(use.target);

export const hasType = (use: ColumnUse) => use.role === "attribute" || use.role === "property";

/** What a column starts from when it gets another role. */
export function withRole(use: ColumnUse, role: Role): ColumnUse {
  const named = use.column.trim();
  const target: Record<Role, string> = {
    skip: "",
    identifier: "phone",
    attribute: named.replaceAll(/[^\p{L}\p{N}_.$-]+/gu, "_"),
    property: named.replaceAll(/[^\p{L}\p{N}_.$-]+/gu, "_"),
    tags: named.slice(0, 40),
    consent: "marketing",
    time: "",
    event_name: "",
    message_id: "",
    context: "channel",
  };
  return { column: use.column, role, target: target[role], scope: "", type: "text" };
}

export type Gap = "identifier" | "scope" | "target" | "event" | "time" | "twice";

/** What is still missing before the plan can be followed. */
export function gapOf(plan: ImportPlan): Gap | null {
  const used = plan.columns.filter((use) => use.role !== "skip");
  if (!used.some((use) => use.role === "identifier")) return "identifier";
  if (used.some((use) => needsScope(use) && !use.scope.trim())) return "scope";
  const wants: readonly Role[] = ["attribute", "property", "tags", "consent", "context", "identifier"];
  if (used.some((use) => wants.includes(use.role) && !use.target.trim())) return "target";
  if (plan.kind === "events" && !plan.event_name.trim() && !used.some((use) => use.role === "event_name"))
    return "event";
  if (!plan.at && !used.some((use) => use.role === "time")) return "time";
  const targets = used.filter((use) => use.role !== "time").map((use) => `${use.role} ${use.target}`);
  return new Set(targets).size < targets.length ? "twice" : null;
}

/** A saved mapping, put on the columns of this file: what it does not know is left out. */
export function applyMapping(
  mapping: ImportMapping,
  columns: readonly ImportColumn[],
  plan: ImportPlan,
): ImportPlan {
  const known = new Map(mapping.plan.columns.map((use) => [use.column, use]));
  return {
    ...mapping.plan,
    file: plan.file,
    at: mapping.plan.at ? plan.at : null,
    columns: columns.map(
      (column) => known.get(column.name) ?? withRole({ ...column.proposal, column: column.name }, "skip"),
    ),
  };
}
