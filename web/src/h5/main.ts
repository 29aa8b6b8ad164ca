/** The page of a form: opens it, keeps a draft, sends the answer, and shows what comes after. */

import { el } from "./dom";
import { mountForm, type Problem } from "./form";
import { clearDraft, draftOf, keepDraft, submissionOf } from "./keeping";
import type { Answers, Shown, Thanks, Votes } from "./types";
import { languageOf, say } from "./words";
import "./form.css";

const query = new URLSearchParams(location.search);
const language = languageOf(query.get("lang"));
const token = location.pathname.split("/")[2] ?? "";
const place = `/f/${encodeURIComponent(token)}`;
const openedAt = Date.now();
const root = document.getElementById("root") as HTMLElement;
document.documentElement.lang = language === "zh" ? "zh-CN" : "en";

interface Refusal {
  code?: string;
  detail?: string;
  detail_zh?: string;
  details?: { problems?: Problem[]; place?: string };
}

async function load(): Promise<void> {
  root.replaceChildren(
    card(el("p", { className: "quiet", attrs: { role: "status" } }, say(language, "loading"))),
  );
  const marks = new URLSearchParams();
  for (const name of ["k", "s"]) {
    const value = query.get(name);
    if (value) marks.set(name, value);
  }
  let answer: Response;
  try {
    answer = await fetch(`${place}/form?${marks}`, { credentials: "same-origin" });
  } catch {
    return problem(say(language, "offline"), true);
  }
  if (!answer.ok)
    return problem(say(language, answer.status === 404 ? "unknown" : "failed"), answer.status !== 404);
  show((await answer.json()) as Shown);
}

function show(shown: Shown): void {
  document.title = shown.title;
  if (shown.state === "open" && shown.form) {
    ask(shown, false);
    return;
  }
  if (shown.state === "answered") {
    done(shown, shown.thanks, say(language, "answered"));
    return;
  }
  if (shown.state === "wechat") {
    throughWeChat(shown);
    return;
  }
  const words = { not_yet: "notYet", closed: "closed", full: "isFull" } as const;
  const word = words[shown.state as keyof typeof words] ?? "closed";
  const opens =
    shown.state === "not_yet" && shown.opens_at
      ? el(
          "p",
          { className: "quiet" },
          say(language, "opens", {
            time: new Date(shown.opens_at).toLocaleString(document.documentElement.lang),
          }),
        )
      : null;
  const thanks = shown.thanks?.votes ? votes(shown.thanks.votes) : null;
  root.replaceChildren(
    card(el("h1", {}, shown.title), el("p", { className: "big" }, say(language, word)), opens, thanks),
    foot(shown.brand),
  );
}

function ask(shown: Shown, isChange: boolean): void {
  if (!shown.form) return;
  const kept = isChange ? null : draftOf(token, shown.version);
  const holder = card();
  const restored = kept ? el("p", { className: "restored quiet" }, say(language, "draft")) : null;
  root.replaceChildren(holder, foot(shown.brand));
  let furthest = 0;
  mountForm(holder, shown.form, {
    language,
    answers: isChange ? shown.answers : kept?.answers,
    page: kept?.page,
    onChange: (answers, page) => keepDraft(token, { version: shown.version, answers, page }),
    onPage: (page) => {
      if (page <= furthest) return;
      furthest = page;
      void post(`${place}/progress`, { page }).catch(() => undefined);
    },
    submit: (answers) => send(shown, answers),
  });
  if (restored) holder.prepend(restored);
}

async function send(shown: Shown, answers: Answers): Promise<readonly Problem[]> {
  let answer: Response;
  try {
    answer = await post(`${place}/answers`, {
      submission: submissionOf(token, answers),
      version: shown.version,
      answers,
      seconds: Math.min(Math.round((Date.now() - openedAt) / 1000), 600_000),
      ticket: query.get("k") ?? "",
      source: (query.get("s") ?? "").slice(0, 64),
      campaign: (query.get("c") ?? "").slice(0, 64),
    });
  } catch {
    return [whole("offline")];
  }
  if (answer.ok) {
    clearDraft(token);
    done(shown, (await answer.json()) as Thanks);
    return [];
  }
  const refusal = (await answer.json().catch(() => ({}))) as Refusal;
  switch (refusal.code) {
    case "forms.answers_refused":
      return refusal.details?.problems ?? [whole("failed")];
    case "forms.full":
      if (refusal.details?.place) return [{ place: refusal.details.place, ...wordsOf(refusal) }];
      break;
    case "forms.wechat_needed":
      await load(); // The draft waits for who they are.
      return [];
    case "forms.changed":
      return [{ place: "", ...wordsOf(refusal) }];
  }
  if (["forms.full", "forms.not_open", "forms.already_answered"].includes(refusal.code ?? "")) {
    clearDraft(token);
    await load();
    return [];
  }
  return [refusal.detail ? { place: "", ...wordsOf(refusal) } : whole("failed")];
}

const wordsOf = (refusal: Refusal) => ({
  text: refusal.detail ?? "",
  text_zh: refusal.detail_zh ?? refusal.detail ?? "",
});
const whole = (word: "offline" | "failed"): Problem => ({
  place: "",
  text: say("en", word),
  text_zh: say("zh", word),
});

function post(path: string, body: unknown): Promise<Response> {
  return fetch(path, {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

function done(shown: Shown, thanks?: Thanks, title?: string): void {
  const head = el(
    "h1",
    { tabIndex: -1, attrs: { "data-state": "done" } },
    title ?? (thanks?.title || say(language, "thanks")),
  );
  const change =
    shown.can_edit && title
      ? el(
          "button",
          { type: "button", className: "plain", onclick: () => ask(shown, true) },
          say(language, "change"),
        )
      : null;
  root.replaceChildren(
    card(
      el("div", { className: "mark", attrs: { "aria-hidden": "true" } }, "✓"),
      head,
      thanks?.result && el("p", { className: "big" }, thanks.result.title),
      thanks?.result?.text && el("p", {}, thanks.result.text),
      thanks?.score !== null &&
        thanks?.score !== undefined &&
        el("p", {}, say(language, "score", { n: thanks.score })),
      thanks?.text && el("p", {}, thanks.text),
      thanks?.votes && votes(thanks.votes),
      thanks?.link_url &&
        el(
          "a",
          { className: "primary", href: thanks.link_url, rel: "noopener" },
          thanks.link_label || thanks.link_url,
        ),
      change,
    ),
    foot(shown.brand),
  );
  root.firstElementChild?.classList.add("done");
  head.focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

/** Who looks is to come by WeChat: why they have not, and the way there. */
function throughWeChat(shown: Shown): void {
  const isInside = navigator.userAgent.includes("MicroMessenger");
  const why = { refused: "refusedWechat", snapshot: "wholePage", failed: "failedWechat" } as const;
  const word = !isInside ? "onlyWechat" : (why[query.get("wx") as keyof typeof why] ?? "allowWechat");
  const again = new URL(location.href);
  again.searchParams.delete("wx");
  root.replaceChildren(
    card(
      el("h1", {}, shown.title),
      el("p", { className: "big", attrs: { role: "alert" } }, say(language, word)),
      isInside && el("a", { className: "primary", href: again.href }, say(language, "authorise")),
    ),
    foot(shown.brand),
  );
}

function votes(all: readonly Votes[]): HTMLElement {
  return el(
    "div",
    { className: "votes" },
    ...all.map((question) => {
      const sum = question.options.reduce((total, option) => total + option.count, 0) || 1;
      return el(
        "section",
        {},
        el("h2", {}, question.title),
        el(
          "ul",
          {},
          ...question.options.map((option) => {
            const share = Math.round((100 * option.count) / sum);
            const bar = el("i", { attrs: { "aria-hidden": "true" } });
            bar.style.width = `${share}%`;
            return el(
              "li",
              {},
              el("span", {}, option.label),
              el("b", {}, `${say(language, "votes", { n: option.count })} · ${share}%`),
              bar,
            );
          }),
        ),
      );
    }),
  );
}

function problem(text: string, mayRetry: boolean): void {
  document.title = text;
  root.replaceChildren(
    card(
      el("p", { className: "big", attrs: { role: "alert" } }, text),
      mayRetry &&
        el(
          "button",
          { type: "button", className: "primary", onclick: () => void load() },
          say(language, "retry"),
        ),
    ),
  );
}

function card(...children: Parameters<typeof el>[2][]): HTMLElement {
  return el("main", { className: "card" }, ...children);
}

function foot(brand: string): HTMLElement {
  return el("footer", { className: "quiet" }, brand);
}

void load();
