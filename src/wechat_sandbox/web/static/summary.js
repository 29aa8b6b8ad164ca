/** One line about a line: for lists. */

import { t } from "./words.js";

/** @typedef {import("./types.js").Line} Line */

/**
 * @param {Line} line
 * @returns {string}
 */
export function summary(line) {
  const body = line.body;
  const [family = "", kind = ""] = line.kind.split(":");
  if (line.direction === "note") return line.kind === "transfer" ? t("transferred") : body.text;
  if (family === "event") return `[${t(`event_${kind}`)}]`;
  if (["template", "subscribe", "one_time"].includes(family)) return `[${body.title}]`;
  if (kind === "text") return plain(body.Content ?? body.content ?? "");
  if (kind === "msgmenu") return body.head_content || body.list?.[0]?.content || "";
  if (kind === "news" || kind === "mpnews") return `[${t("article")}] ${articles(body)[0]?.title ?? ""}`;
  if (kind === "image") return `[${t("picture")}]`;
  if (kind === "location") return `[${t("place")}] ${body.Label ?? ""}`;
  if (kind === "miniprogrampage") return `[${t("mini_program")}] ${body.title ?? body.Title ?? ""}`;
  return `[${t(kind || family)}]`;
}

/**
 * Return the articles of a news message, spelt the same whether they came as JSON or as XML.
 *
 * @param {Record<string, any>} body
 * @returns {{title: string, description: string, url: string, picurl: string}[]}
 */
export function articles(body) {
  const given = body.articles ?? body.Articles?.item ?? kept(body);
  return [given].flat().map((one) => ({
    title: one.title ?? one.Title ?? "",
    description: one.description ?? one.Description ?? one.digest ?? "",
    url: one.url ?? one.Url ?? "",
    picurl: one.picurl ?? one.PicUrl ?? one.thumb_url ?? "",
  }));
}

/**
 * Articles that are named but not sent along: the account keeps them.
 *
 * @param {Record<string, any>} body
 */
function kept(body) {
  const name = body.media_id ?? body.article_id;
  if (!name) return [];
  const url = body.media_id ? `${location.origin}/s/preview-${encodeURIComponent(body.media_id)}-1` : "";
  return [{ title: t("article"), description: name, url }];
}

/** @param {string} text */
function plain(text) {
  return text.replace(/<a\b[^>]*>|<\/a>/gi, "");
}
