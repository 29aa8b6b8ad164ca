/** One field for each kind of question: reads and tells its value. */

import { el } from "./dom";
import { filesField } from "./files";
import { ranking } from "./ranking";
import type { Picks, Question } from "./types";
import { type Language, say } from "./words";

export interface Field {
  element: HTMLElement;
  focus(): void;
}

export interface Setting {
  question: Question;
  value: unknown;
  id: string;
  language: Language;
  change: (value: unknown) => void;
}

export function fieldOf(setting: Setting): Field {
  switch (setting.question.kind) {
    case "long_text":
      return longText(setting);
    case "number":
      return numberField(setting);
    case "single":
    case "multi":
      return choices(setting);
    case "dropdown":
      return dropdown(setting);
    case "ranking":
      return ranking(setting, setting.question.shuffled ? shuffled : undefined);
    case "rating":
      return steps(setting, 1, setting.question.steps ?? 5, "★");
    case "nps":
      return steps(setting, 0, 10);
    case "matrix":
      return matrix(setting);
    case "region":
      return region(setting);
    case "file":
    case "image":
      return filesField(setting);
    default:
      return line(setting);
  }
}

const LINES: Record<string, { type: string; inputMode?: string; autocomplete?: string }> = {
  date: { type: "date" },
  phone: { type: "tel", inputMode: "tel", autocomplete: "tel" },
  email: { type: "email", inputMode: "email", autocomplete: "email" },
};

function line({ question, value, id, change }: Setting): Field {
  const as = LINES[question.kind] ?? { type: "text" };
  const input = el("input", {
    type: as.type,
    id,
    value: typeof value === "string" ? value : "",
    attrs: described(id, question),
  });
  if (as.inputMode) input.setAttribute("inputmode", as.inputMode);
  if (as.autocomplete) input.setAttribute("autocomplete", as.autocomplete);
  if (question.max_length) input.maxLength = question.max_length;
  if (question.kind === "date") {
    if (question.min) input.min = String(question.min);
    if (question.max) input.max = String(question.max);
  }
  input.addEventListener("input", () => change(input.value));
  return { element: input, focus: () => input.focus() };
}

function longText({ question, value, id, change }: Setting): Field {
  const input = el("textarea", {
    id,
    rows: 4,
    value: typeof value === "string" ? value : "",
    attrs: described(id, question),
  });
  if (question.max_length) input.maxLength = question.max_length;
  input.addEventListener("input", () => change(input.value));
  return { element: input, focus: () => input.focus() };
}

function numberField({ question, value, id, change }: Setting): Field {
  const input = el("input", {
    type: "text",
    id,
    value: value === undefined || value === null ? "" : String(value),
    attrs: { ...described(id, question), inputmode: question.whole ? "numeric" : "decimal" },
  });
  input.addEventListener("input", () => {
    const text = input.value.trim();
    // What is no number is told as it stands, so that it is refused and not forgotten.
    change(text === "" ? undefined : Number.isFinite(Number(text)) ? Number(text) : text);
  });
  const unit = question.unit ? el("span", { className: "unit" }, question.unit) : null;
  return { element: el("div", { className: "with-unit" }, input, unit), focus: () => input.focus() };
}

function picksOf(value: unknown): Picks {
  return typeof value === "object" && value !== null && "picks" in value
    ? { ...(value as Picks), picks: [...(value as Picks).picks] }
    : { picks: [] };
}

function choices({ question, value, id, language, change }: Setting): Field {
  const isMany = question.kind === "multi";
  const mine = picksOf(value);
  const others = el("input", {
    type: "text",
    className: "other",
    value: mine.other ?? "",
    maxLength: 200,
    placeholder: say(language, "other"),
    attrs: { "aria-label": say(language, "other") },
  });
  const inputs: HTMLInputElement[] = [];
  const tell = () => {
    const picks = inputs.filter((one) => one.checked).map((one) => one.value);
    const hasOther = (question.options ?? []).some((one) => one.is_other && picks.includes(one.key));
    others.hidden = !hasOther;
    change(hasOther && others.value.trim() ? { picks, other: others.value } : { picks });
  };
  others.addEventListener("input", tell);
  const shown = question.shuffled ? shuffled(question.options ?? [], id) : (question.options ?? []);
  const rows = shown.map((option, at) => {
    const input = el("input", {
      type: isMany ? "checkbox" : "radio",
      name: id,
      value: option.key,
      id: at === 0 ? id : `${id}-${at}`,
      checked: mine.picks.includes(option.key),
      disabled: Boolean(option.is_full) && !mine.picks.includes(option.key),
    });
    input.addEventListener("change", tell);
    inputs.push(input);
    const full = option.is_full ? el("small", { className: "quiet" }, say(language, "full")) : null;
    return el("label", { className: "choice" }, input, el("span", {}, option.label), full);
  });
  others.hidden = !(question.options ?? []).some((one) => one.is_other && mine.picks.includes(one.key));
  return {
    element: el("div", { className: "choices" }, ...rows, others),
    focus: () => inputs[0]?.focus(),
  };
}

/** An order of one's own that stays while the page is open: options first in line get more votes. */
function shuffled<T extends { key: string; is_other?: boolean }>(options: readonly T[], seed: string): T[] {
  const rank = (key: string) => {
    let hash = sessionSeed;
    for (const letter of seed + key) hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619) >>> 0;
    return hash;
  };
  return [...options].sort(
    (a, b) => Number(a.is_other ?? false) - Number(b.is_other ?? false) || rank(a.key) - rank(b.key),
  );
}

const sessionSeed = Math.floor(Math.random() * 2 ** 32);

function dropdown({ question, value, id, language, change }: Setting): Field {
  const mine = picksOf(value);
  const select = el(
    "select",
    { id, attrs: described(id, question) },
    el("option", { value: "" }, say(language, "choose")),
    ...(question.options ?? []).map((option) =>
      el(
        "option",
        { value: option.key, selected: mine.picks[0] === option.key, disabled: Boolean(option.is_full) },
        option.is_full ? `${option.label} · ${say(language, "full")}` : option.label,
      ),
    ),
  );
  const other = el("input", {
    type: "text",
    className: "other",
    value: mine.other ?? "",
    maxLength: 200,
    placeholder: say(language, "other"),
    attrs: { "aria-label": say(language, "other") },
  });
  const tell = () => {
    const isOther = (question.options ?? []).some((one) => one.is_other && one.key === select.value);
    other.hidden = !isOther;
    const picks = select.value ? [select.value] : [];
    change(isOther && other.value.trim() ? { picks, other: other.value } : { picks });
  };
  other.hidden = !(question.options ?? []).some((one) => one.is_other && one.key === mine.picks[0]);
  select.addEventListener("change", tell);
  other.addEventListener("input", tell);
  return { element: el("div", {}, select, other), focus: () => select.focus() };
}

function steps({ question, value, id, change }: Setting, least: number, most: number, star = ""): Field {
  const inputs: HTMLInputElement[] = [];
  const mark = () => {
    const chosen = inputs.findIndex((one) => one.checked);
    for (const [at, one] of inputs.entries()) one.parentElement?.classList.toggle("lit", at <= chosen);
  };
  const cells = Array.from({ length: most - least + 1 }, (_, at) => {
    const step = least + at;
    const input = el("input", {
      type: "radio",
      name: id,
      value: String(step),
      id: at === 0 ? id : `${id}-${at}`,
      checked: value === step,
      attrs: { "aria-label": String(step) },
    });
    input.addEventListener("change", () => {
      mark();
      change(step);
    });
    inputs.push(input);
    return el("label", { className: star ? "star" : "step" }, input, el("span", {}, star || String(step)));
  });
  mark();
  const ends =
    question.low || question.high
      ? el(
          "div",
          { className: "ends quiet" },
          el("span", {}, question.low ?? ""),
          el("span", {}, question.high ?? ""),
        )
      : null;
  return {
    element: el("div", {}, el("div", { className: star ? "stars" : "steps" }, ...cells), ends),
    focus: () => inputs[0]?.focus(),
  };
}

function matrix({ question, value, id, change }: Setting): Field {
  const mine: Record<string, string> = { ...((value as Record<string, string> | undefined) ?? {}) };
  let first: HTMLInputElement | undefined;
  const rows = (question.rows ?? []).map((row, rowAt) => {
    const cells = (question.columns ?? []).map((column, at) => {
      const input = el("input", {
        type: "radio",
        name: `${id}-${row.key}`,
        value: column.key,
        id: rowAt === 0 && at === 0 ? id : `${id}-${rowAt}-${at}`,
        checked: mine[row.key] === column.key,
      });
      first ??= input;
      input.addEventListener("change", () => {
        mine[row.key] = column.key;
        change({ ...mine });
      });
      return el("label", { className: "cell" }, input, el("span", {}, column.label));
    });
    return el(
      "fieldset",
      { className: "row" },
      el("legend", {}, row.label),
      el("div", { className: "cells" }, ...cells),
    );
  });
  return { element: el("div", {}, ...rows), focus: () => first?.focus() };
}

type Place = [code: string, name: string, parts?: Place[]];
let places: Promise<Place[]> | undefined;

function loadPlaces(): Promise<Place[]> {
  places ??= fetch("/f/regions.json").then((answer) => answer.json() as Promise<Place[]>);
  places.catch(() => {
    places = undefined;
  });
  return places;
}

function region({ question, value, id, language, change }: Setting): Field {
  const depth = { province: 1, city: 2, district: 3 }[question.level ?? "district"];
  const words = ["province", "city", "district"] as const;
  const selects = words.slice(0, depth).map((word, at) =>
    el("select", {
      id: at === 0 ? id : `${id}-${at}`,
      disabled: true,
      attrs: { "aria-label": say(language, word) },
    }),
  );
  const code = typeof value === "string" ? value : "";
  const fill = (all: Place[], at: number, chosen: string) => {
    const select = selects[at];
    if (!select) return;
    select.replaceChildren(
      el("option", { value: "" }, say(language, words[at] ?? "province")),
      ...all.map(([key, name]) => el("option", { value: key, selected: key === chosen }, name)),
    );
    select.disabled = all.length === 0;
    // A place without parts is whole already.
    select.hidden = at > 0 && all.length === 0;
  };
  void loadPlaces()
    .then((all) => {
      const partsOf = (at: number): Place[] =>
        at === 0 ? all : (partsOf(at - 1).find(([key]) => key === selects[at - 1]?.value)?.[2] ?? []);
      for (let at = 0; at < depth; at++) fill(partsOf(at), at, code.slice(0, 2 * (at + 1)));
      for (const [at, select] of selects.entries()) {
        select.addEventListener("change", () => {
          for (let below = at + 1; below < depth; below++) fill(partsOf(below), below, "");
          const chosen = selects.map((one) => one.value).filter(Boolean);
          change(chosen[chosen.length - 1] ?? "");
        });
      }
    })
    .catch(() => {
      for (const select of selects)
        select.replaceChildren(el("option", { value: "" }, say(language, "failed")));
    });
  return { element: el("div", { className: "region" }, ...selects), focus: () => selects[0]?.focus() };
}

function described(id: string, question: Question): Record<string, string> {
  return {
    "aria-describedby": `${id}-hint ${id}-error`,
    ...(question.required ? { "aria-required": "true" } : {}),
  };
}
