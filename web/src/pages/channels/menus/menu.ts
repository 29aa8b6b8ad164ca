import { ApiError } from "../../../api/client";
import type { MenuButton, MenuButtonType, MenuDraft } from "../../../api/types";
import type { MessageKey } from "../../../i18n";
import { bytesOf } from "../content/content";

export type Button = Required<MenuButton>;
export type ActionField = "key" | "url" | "appid" | "pagepath" | "media_id" | "article_id";
/** Where a button is: its place on the bar, and below it its place among the others. */
export type Place = readonly [number] | readonly [number, number];

export const BUTTONS_MAX = 3;
export const SUB_BUTTONS_MAX = 5;
export const NAME_BYTES_MAX = 16;
export const SUB_NAME_BYTES_MAX = 60;

/** What each type carries; everything else must be empty. */
export const FIELDS: Record<MenuButtonType, readonly ActionField[]> = {
  click: ["key"],
  view: ["url"],
  miniprogram: ["appid", "pagepath", "url"],
  scancode_push: ["key"],
  scancode_waitmsg: ["key"],
  pic_sysphoto: ["key"],
  pic_photo_or_album: ["key"],
  pic_weixin: ["key"],
  location_select: ["key"],
  media_id: ["media_id"],
  view_limited: ["media_id"],
  article_id: ["article_id"],
  article_view_limited: ["article_id"],
};
export const TYPES = Object.keys(FIELDS) as MenuButtonType[];

const NO_ACTION = { type: null, key: "", url: "", appid: "", pagepath: "", media_id: "", article_id: "" };

export function emptyButton(): Button {
  return { ...NO_ACTION, name: "", type: "view", sub_buttons: [] };
}

export function emptyMenu(name: string, match: MenuDraft["match"]): MenuDraft {
  return { name, buttons: [emptyButton()], match };
}

/** Every field filled in: the server leaves defaults out. */
export function fullButton(button: MenuButton): Button {
  const filled = { ...NO_ACTION, sub_buttons: [], ...button };
  return { ...filled, sub_buttons: filled.sub_buttons.map(fullButton) };
}

/** As the server takes it: a button below the bar has none below itself. */
export function writeButtons(buttons: readonly MenuButton[]): MenuButton[] {
  return buttons.map((button) => ({
    ...button,
    sub_buttons: button.sub_buttons?.map((sub) => {
      const { sub_buttons: _none, ...kept } = sub as MenuButton;
      return kept;
    }),
  }));
}

export function buttonAt(buttons: readonly MenuButton[], place: Place): Button | undefined {
  const top = buttons[place[0]];
  const found = place.length === 1 ? top : top?.sub_buttons?.[place[1]];
  return found && fullButton(found);
}

/** A button of another type keeps what the type has, and loses the rest. */
export function withType(button: Button, type: MenuButtonType): Button {
  const kept = Object.fromEntries(FIELDS[type].map((field) => [field, button[field]]));
  return { ...button, ...NO_ACTION, ...kept, type };
}

export function withButton(buttons: readonly MenuButton[], place: Place, button: MenuButton): MenuButton[] {
  return changeSiblings(buttons, place, (siblings, at) => siblings.toSpliced(at, 1, button));
}

export function withoutButton(buttons: readonly MenuButton[], place: Place): MenuButton[] {
  return changeSiblings(buttons, place, (siblings, at) => siblings.toSpliced(at, 1));
}

/** The same buttons with the one at `place` and its neighbour changed about. */
export function withMoved(buttons: readonly MenuButton[], place: Place, by: -1 | 1): MenuButton[] {
  return changeSiblings(buttons, place, (siblings, at) => {
    const moving = siblings[at];
    return moving ? siblings.toSpliced(at, 1).toSpliced(at + by, 0, moving) : [...siblings];
  });
}

/** One more below a button of the bar. It opens others now, so an action it had goes to the first of them. */
export function withSub(buttons: readonly MenuButton[], at: number): MenuButton[] {
  return buttons.map((button, index) => {
    if (index !== at) return button;
    const subs = isActing(button) ? [{ ...button, sub_buttons: [] }] : (button.sub_buttons ?? []);
    return { ...button, ...NO_ACTION, sub_buttons: [...subs, emptyButton()] };
  });
}

function isActing(button: MenuButton): boolean {
  return !isOpener(button) && button.type != null && FIELDS[button.type].some((field) => button[field]);
}

function changeSiblings(
  buttons: readonly MenuButton[],
  place: Place,
  change: (siblings: readonly MenuButton[], at: number) => MenuButton[],
): MenuButton[] {
  if (place.length === 1) return change(buttons, place[0]);
  const [top, at] = place;
  return buttons.map((button, index) => {
    if (index !== top) return button;
    const subs = change(button.sub_buttons ?? [], at);
    // The last one below gone, the button acts by itself again.
    return subs.length > 0 ? { ...button, sub_buttons: subs } : { ...emptyButton(), name: button.name };
  });
}

/** Whether it opens others instead of acting. */
export function isOpener(button: MenuButton): boolean {
  return (button.sub_buttons ?? []).length > 0;
}

export function problemsOf(button: Button, place: Place): MessageKey[] {
  const limit = place.length === 1 ? NAME_BYTES_MAX : SUB_NAME_BYTES_MAX;
  const problems: MessageKey[] = [];
  if (!button.name.trim()) problems.push("menu.problem.name");
  else if (bytesOf(button.name.trim()) > limit)
    problems.push(place.length === 1 ? "menu.problem.longName" : "menu.problem.longSubName");
  if (isOpener(button)) return problems;
  if (button.type === null) return [...problems, "menu.problem.type"];
  if (FIELDS[button.type].some((field) => !button[field].trim())) problems.push("menu.problem.field");
  else if (button.url && !/^https?:\/\/\S+$/.test(button.url)) problems.push("menu.problem.url");
  return problems;
}

/** Every button with its place, in the order they are read. */
export function placesOf(buttons: readonly MenuButton[]): Place[] {
  return buttons.flatMap((button, top) => [
    [top] as const,
    ...(button.sub_buttons ?? []).map((_, at) => [top, at] as const),
  ]);
}

export function firstProblem(buttons: readonly MenuButton[]): Place | null {
  const bad = placesOf(buttons).find((place) => {
    const button = buttonAt(buttons, place);
    return button && problemsOf(button, place).length > 0;
  });
  return bad ?? null;
}

export function placeKey(place: Place): string {
  return place.join(".");
}

const WHERE = /^body\.buttons\.(\d+)(?:\.sub_buttons\.(\d+))?/;

/** What the server refused, by the button it is about; the rest is said above all. */
export function refusalsOf(error: Error | null): {
  byPlace: ReadonlyMap<string, string>;
  rest: Error | null;
} {
  const byPlace = new Map<string, string>();
  const errors = error instanceof ApiError && Array.isArray(error.problem.errors) ? error.problem.errors : [];
  let placed = 0;
  for (const { where, what } of errors as { where: string; what: string }[]) {
    const found = WHERE.exec(where);
    if (!found) continue;
    byPlace.set(
      found[2] === undefined ? `${found[1]}` : `${found[1]}.${found[2]}`,
      what.replace(/^Value error, /, ""),
    );
    placed += 1;
  }
  return { byPlace, rest: placed > 0 && placed === errors.length ? null : error };
}

export function placeOfKey(key: string): Place {
  const [top = 0, at] = key.split(".").map(Number);
  return at === undefined ? [top] : [top, at];
}
