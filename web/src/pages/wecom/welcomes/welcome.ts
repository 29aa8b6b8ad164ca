/** Welcomes as data: limits of the platform, counted as it counts them, and drafts to begin with. */

import type {
  Welcome,
  WelcomeContent,
  WelcomeDraft,
  WelcomePart,
  WelcomePeriod,
  WelcomeSlot,
  WelcomeState,
} from "../../../api/wecom/welcomes";
import type { Tone } from "../../../ui/Tag";

export const TEXT_MAX = 4000;
export const PARTS_MAX = 9;
export const VARIANTS_MAX = 5;
export const SCOPES = ["code", "store", "staff", "corp"] as const;
export const PART_KINDS = ["image", "link", "mini_program", "video", "file"] as const;
export const VARIABLES = ["name", "staff", "store", "coupon_link"] as const;
export const STATES = [
  "received",
  "rendering",
  "handed",
  "sent",
  "expired",
  "already_used",
  "withheld",
  "error",
  "unknown",
] as const;
export const TONES: Record<WelcomeState, Tone> = {
  received: "blue",
  rendering: "blue",
  handed: "blue",
  sent: "jade",
  expired: "red",
  already_used: "amber",
  withheld: "plain",
  error: "red",
  unknown: "amber",
};

const utf8 = new TextEncoder();

/** Bytes of UTF-8, as the platform counts them: a Chinese sign has three. */
export const byteLength = (text: string) => utf8.encode(text).length;

/** Limits in bytes of the fields of an attachment. */
export const FIELD_MAX = {
  link: { title: 128, description: 512, picture_url: 2048, url: 1900 },
  mini_program: { title: 64, app_id: 32, page: 900 },
} as const;

export const emptyContent = (): WelcomeContent => ({ text: "", parts: [], fallback: "" });

export function newSlot(name: string, period: WelcomePeriod | null): WelcomeSlot {
  return { name, period, variants: [{ name: "A", weight: 1, content: emptyContent() }] };
}

export function newDraft(corp: string, slot: string): WelcomeDraft {
  return {
    name: "",
    corp,
    scope: "corp",
    targets: [],
    enabled: true,
    slots: [newSlot(slot, null)],
    defaults: { name: "", staff: "", store: "" },
    coupon_link: null,
  };
}

export function newPart(kind: WelcomePart["kind"]): WelcomePart {
  if (kind === "link")
    return { kind, title: "", description: "", picture_url: "", url: "https://", tracked: true };
  if (kind === "mini_program") return { kind, title: "", app_id: "", page: "", media: "", tracked: true };
  return { kind, media: "" } as WelcomePart;
}

export const newPeriod = (kind: WelcomePeriod["kind"], today: string): WelcomePeriod =>
  kind === "special"
    ? { kind, first: today, last: today, begins: "00:00:00", ends: "00:00:00" }
    : { kind, weekdays: [6, 7], begins: "00:00:00", ends: "00:00:00" };

/** Keep what a rule says and leave out what only the server knows of it. */
export function draftOf(rule: Welcome): WelcomeDraft {
  const { name, corp, scope, targets, enabled, slots, defaults, coupon_link } = rule;
  return {
    name,
    corp,
    scope,
    targets,
    enabled,
    slots: slots.map((slot) => ({
      name: slot.name,
      period: (slot.period ?? null) as WelcomePeriod | null,
      variants: slot.variants.map((variant) => ({
        name: variant.name,
        weight: variant.weight ?? 1,
        content: {
          text: variant.content.text ?? "",
          parts: variant.content.parts ?? [],
          fallback: variant.content.fallback ?? "",
        },
      })),
    })),
    defaults: { name: "", staff: "", store: "", ...defaults },
    coupon_link: coupon_link ?? null,
  };
}

/** Whether plain words must stand by: files and variables can be missing when they are needed (WM-3). */
export const needsFallback = (content: WelcomeContent) =>
  content.parts.length > 0 || content.text.includes("{{") || content.text.includes("{%");

/** What keeps a draft from being saved, by the key of what is to be said about it. */
export function problemsOf(draft: WelcomeDraft): string[] {
  const problems = new Set<string>();
  if (!draft.name.trim()) problems.add("name");
  if (draft.scope !== "corp" && draft.targets.length === 0) problems.add("targets");
  for (const slot of draft.slots) {
    if (!slot.name.trim()) problems.add("slot");
    for (const { content } of slot.variants) for (const one of contentProblems(content)) problems.add(one);
  }
  const words = draft.slots.flatMap((slot) => slot.variants.map((variant) => variant.content.text));
  if (words.some((text) => text.includes("coupon_link")) && !draft.coupon_link) problems.add("coupon");
  return [...problems];
}

function contentProblems(content: WelcomeContent): string[] {
  const problems: string[] = [];
  if (!content.text.trim() && content.parts.length === 0) problems.push("empty");
  if (byteLength(content.text) > TEXT_MAX) problems.push("tooLong");
  if (needsFallback(content) && !content.fallback.trim()) problems.push("fallback");
  if (content.parts.some((part) => !isPartWhole(part))) problems.push("part");
  return problems;
}

export function isPartWhole(part: WelcomePart): boolean {
  if (part.kind === "link") return part.title !== "" && /^https?:\/\/\S+$/.test(part.url) && fits(part);
  if (part.kind === "mini_program")
    return part.title !== "" && part.app_id !== "" && part.page !== "" && part.media !== "" && fits(part);
  return part.media !== "";
}

function fits(part: Extract<WelcomePart, { kind: "link" | "mini_program" }>): boolean {
  const limits: Record<string, number> = FIELD_MAX[part.kind];
  return Object.entries(part).every(
    ([field, value]) =>
      typeof value !== "string" || byteLength(value) <= (limits[field] ?? Number.POSITIVE_INFINITY),
  );
}
