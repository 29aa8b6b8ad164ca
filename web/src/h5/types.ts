/** A form as everybody may see it; the page knows nothing of the console's API. */

export interface Option {
  key: string;
  label: string;
  is_other?: boolean;
  is_full?: boolean;
}

export type Condition =
  | { kind: "chosen"; question: string; match: "any" | "all" | "none"; options: readonly string[] }
  | { kind: "compared"; question: string; op: "lt" | "le" | "eq" | "ne" | "ge" | "gt"; value: number }
  | { kind: "answered"; question: string; is_answered: boolean }
  | { kind: "ranked"; question: string; options: readonly string[]; within?: number };

export interface Jump {
  match: "all" | "any";
  when: readonly Condition[];
  to: string;
}

export interface Question {
  kind: string;
  key: string;
  title: string;
  hint?: string;
  required?: boolean;
  jumps?: readonly Jump[];
  options?: readonly Option[];
  rows?: readonly Option[];
  columns?: readonly Option[];
  min_picks?: number;
  max_picks?: number | null;
  places?: number | null;
  shuffled?: boolean;
  max_length?: number;
  min?: number | string | null;
  max?: number | string | null;
  whole?: boolean;
  unit?: string;
  steps?: number;
  low?: string;
  high?: string;
  max_files?: number;
  max_mb?: number;
  level?: "province" | "city" | "district";
}

export interface FormPage {
  key: string;
  title?: string;
  text?: string;
  questions: readonly Question[];
}

export interface PublicForm {
  kind: string;
  title: string;
  intro?: string;
  pages: readonly FormPage[];
}

export type Answers = Record<string, unknown>;

export interface Picks {
  picks: string[];
  other?: string;
}

/** Options in order, the best first. */
export interface Order {
  ranked: string[];
}

export interface Votes {
  key: string;
  title: string;
  options: readonly { key: string; label: string; count: number }[];
}

export interface Thanks {
  title: string;
  text: string;
  link_url: string;
  link_label: string;
  result: { title: string; text: string } | null;
  score: number | null;
  votes?: readonly Votes[];
}

export interface Shown {
  state: "open" | "not_yet" | "closed" | "full" | "answered" | "wechat";
  brand: string;
  title: string;
  version: number;
  opens_at: string | null;
  can_edit: boolean;
  form?: PublicForm;
  answers?: Answers;
  thanks?: Thanks;
}
