/** Putting options in order: a tap gives the next place, buttons move up, down and out. Works without a pointer. */

import { el } from "./dom";
import type { Field, Setting } from "./fields";
import type { Option, Order, Question } from "./types";
import { say } from "./words";

type Act = "add" | "up" | "down" | "out";

/** How many options are to be put in order. */
export const placesOf = (question: Question): number => question.places ?? (question.options ?? []).length;

/** Return the order after somebody gave one more option its place; where one alone is left, it comes last. */
export function placed(ranked: readonly string[], key: string, all: readonly string[], places: number) {
  const order = [...ranked, key].slice(0, places);
  const left = all.filter((one) => !order.includes(one));
  return places === all.length && left.length === 1 ? [...order, ...left] : order;
}

/** Return the order after one option went up or down by a place. */
export function moved(ranked: readonly string[], key: string, by: -1 | 1): string[] {
  const order = [...ranked];
  const from = order.indexOf(key);
  if (from < 0 || from + by < 0 || from + by >= order.length) return order;
  order.splice(from, 1);
  order.splice(from + by, 0, key);
  return order;
}

export function ranking(
  { question, value, id, language, change }: Setting,
  shuffle: (options: readonly Option[], seed: string) => Option[] = (options) => [...options],
): Field {
  const options = shuffle(question.options ?? [], id);
  const keys = options.map((one) => one.key);
  const places = placesOf(question);
  let ranked = ((value as Order | undefined)?.ranked ?? []).filter((key) => keys.includes(key));
  const list = el("ol", { className: "ranked" });
  const rest = el("div", { className: "choices" });
  const told = el("p", { className: "unseen", attrs: { role: "status" } });

  const button = (option: Option, act: Act, text: string, label: string, disabled = false) => {
    const made = el("button", { type: "button", disabled, attrs: { "aria-label": label } }, text);
    made.dataset.act = `${act}-${option.key}`;
    made.addEventListener("click", () => {
      set(option, act);
    });
    return made;
  };

  function set(option: Option, act: Act): void {
    if (act === "add") ranked = placed(ranked, option.key, keys, places);
    else if (act === "out") ranked = ranked.filter((key) => key !== option.key);
    else ranked = moved(ranked, option.key, act === "up" ? -1 : 1);
    draw();
    const at = ranked.indexOf(option.key) + 1;
    told.textContent = say(language, at ? "rankTold" : "rankLeft", { label: option.label, n: at });
    change(ranked.length > 0 ? { ranked: [...ranked] } : undefined);
    focusAfter(option, act);
  }

  /** Whoever works without a pointer goes on where they were; what vanished or is disabled cannot be there. */
  function focusAfter(option: Option, act: Act): void {
    const wanted = act === "add" ? [] : act === "out" ? [`add-${option.key}`] : [`${act}-${option.key}`];
    const other = act === "up" ? `down-${option.key}` : `up-${option.key}`;
    const found = [...wanted, ...(act === "up" || act === "down" ? [other] : [])]
      .map((name) => element.querySelector<HTMLButtonElement>(`[data-act="${name}"]`))
      .find((one) => one && !one.disabled);
    (found ?? first())?.focus({ preventScroll: true });
  }

  const first = () =>
    rest.querySelector<HTMLButtonElement>("button:not(:disabled)") ??
    list.querySelector<HTMLButtonElement>("button:not(:disabled)");

  function draw(): void {
    const named = new Map(options.map((one) => [one.key, one]));
    list.replaceChildren(
      ...ranked.flatMap((key, at) => {
        const option = named.get(key);
        if (!option) return [];
        const say1 = (word: "rankUp" | "rankDown" | "rankOut") =>
          say(language, word, { label: option.label });
        return el(
          "li",
          {},
          el("b", { attrs: { "aria-hidden": "true" } }, String(at + 1)),
          el("span", {}, option.label),
          button(option, "up", "↑", say1("rankUp"), at === 0),
          button(option, "down", "↓", say1("rankDown"), at === ranked.length - 1),
          button(option, "out", "×", say1("rankOut")),
        );
      }),
    );
    list.hidden = ranked.length === 0;
    const next = ranked.length + 1;
    rest.replaceChildren(
      ...options
        .filter((one) => !ranked.includes(one.key))
        .map((option) => {
          const label = say(language, "rankAdd", { label: option.label, n: next });
          const made = button(option, "add", option.label, label, ranked.length >= places);
          made.className = "choice";
          return made;
        }),
    );
  }

  const element = el("div", { className: "ranking", id }, list, rest, told);
  draw();
  return { element, focus: () => first()?.focus() };
}
