import type { ReplyContent } from "../../../api/types";
import type { MessageKey } from "../../../i18n";

export type ContentKind = NonNullable<ReplyContent["kind"]>;
export type ContentOf<K extends ContentKind> = Extract<ReplyContent, { kind?: K }>;
export type Mode = "all" | "one";

export const CONTENT_KINDS: readonly ContentKind[] = [
  "text",
  "image",
  "news",
  "voice",
  "video",
  "music",
  "transfer",
];

/** The platform's limits, as the server checks them. */
export const CONTENTS_MAX = 4;
export const TEXT_BYTES_MAX = 2_048;

const ADDRESS = /^https?:\/\/\S+$/;
const MEDIA_ID = /^[A-Za-z0-9_-]{1,200}$/;
const SERVICE_STAFF = /^[A-Za-z0-9_]{1,10}@[\w-]{1,30}$/;

export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

export function emptyContent(kind: ContentKind): ReplyContent {
  switch (kind) {
    case "text":
      return { kind, text: "" };
    case "image":
    case "voice":
      return { kind, media_id: "" };
    case "video":
      return { kind, media_id: "", thumb_media_id: "", title: "", description: "" };
    case "music":
      return { kind, thumb_media_id: "", title: "", description: "", music_url: "", hq_music_url: "" };
    case "news":
      return { kind, title: "", description: "", picture_url: "", url: "" };
    case "transfer":
      return { kind, kf_account: "" };
  }
}

/** What still keeps a content from being saved; empty when nothing does. */
export function problemsOf(content: ReplyContent, place: { index: number; mode: Mode }): MessageKey[] {
  switch (content.kind) {
    case "text":
      if (!content.text.trim()) return ["content.problem.text"];
      return bytesOf(content.text) > TEXT_BYTES_MAX ? ["content.problem.long"] : [];
    case "image":
    case "voice":
      return MEDIA_ID.test(content.media_id) ? [] : ["content.problem.media"];
    case "video":
      if (!MEDIA_ID.test(content.media_id)) return ["content.problem.media"];
      // Messages after the first go out as customer-service messages, where a video needs its cover.
      return place.index > 0 && place.mode === "all" && !content.thumb_media_id
        ? ["content.problem.cover"]
        : [];
    case "music":
      return [
        ...(ADDRESS.test(content.music_url) ? [] : (["content.problem.music"] as const)),
        ...(MEDIA_ID.test(content.thumb_media_id) ? [] : (["content.problem.cover"] as const)),
        ...(isAddressOrBlank(content.hq_music_url) ? [] : (["content.problem.address"] as const)),
      ];
    case "news":
      return [
        ...(content.title.trim() ? [] : (["content.problem.title"] as const)),
        ...(ADDRESS.test(content.url) && isAddressOrBlank(content.picture_url)
          ? []
          : (["content.problem.address"] as const)),
      ];
    case "transfer":
      return !content.kf_account || SERVICE_STAFF.test(content.kf_account) ? [] : ["content.problem.staff"];
    default:
      return [];
  }
}

function isAddressOrBlank(text: string | undefined): boolean {
  return !text || ADDRESS.test(text);
}

/** What keeps all of them from being said together. */
export function togetherProblem(contents: readonly ReplyContent[]): MessageKey | null {
  const transfers = contents.some((content) => content.kind === "transfer");
  return transfers && contents.length > 1 ? "content.problem.transferAlone" : null;
}

export function areReady(contents: readonly ReplyContent[], mode: Mode): boolean {
  return (
    togetherProblem(contents) === null &&
    contents.every((content, index) => problemsOf(content, { index, mode }).length === 0)
  );
}

/** A text in pieces: the links WeChat makes tappable, and the words around them. */
export function linkPieces(text: string): { text: string; href: string | null }[] {
  const pieces: { text: string; href: string | null }[] = [];
  let from = 0;
  for (const found of text.matchAll(/<a\s+href=["']([^"']*)["'][^>]*>([^<]*)<\/a>/gi)) {
    if (found.index > from) pieces.push({ text: text.slice(from, found.index), href: null });
    pieces.push({ text: found[2] ?? "", href: found[1] ?? "" });
    from = found.index + found[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), href: null });
  return pieces;
}

/** The same list with the item at `from` one place up (-1) or down (1). */
export function moved<T>(items: readonly T[], from: number, by: -1 | 1): T[] {
  const to = from + by;
  const item = items[from];
  if (item === undefined || to < 0 || to >= items.length) return [...items];
  return items.toSpliced(from, 1).toSpliced(to, 0, item);
}
