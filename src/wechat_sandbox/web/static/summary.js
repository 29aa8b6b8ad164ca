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
  if (line.direction === "note") return body.text;
  if (family === "event") return `[${t(`event_${kind}`)}]`;
  if (family === "template") return `[${body.title}]`;
  if (kind === "text") return plain(body.Content ?? body.content ?? "");
  if (kind === "msgmenu") return body.head_content || body.list?.[0]?.content || "";
  if (kind === "news") return `[${t("article")}] ${articles(body)[0]?.title ?? ""}`;
  if (kind === "image") return `[${t("picture")}]`;
  if (kind === "location") return `[${t("place")}] ${body.Label ?? ""}`;
  if (kind === "miniprogrampage") return `[${t("mini_program")}] ${body.title ?? body.Title ?? ""}`;
  if (kind === "transfer_customer_service") return `[${t("transferred")}]`;
  return `[${t(kind || family)}]`;
}

/**
 * Return the articles of a news message, spelt the same whether they came as JSON or as XML.
 *
 * @param {Record<string, any>} body
 * @returns {{title: string, description: string, url: string, picurl: string}[]}
 */
export function articles(body) {
  const given = body.articles ?? body.Articles?.item ?? [];
  return [given].flat().map((one) => ({
    title: one.title ?? one.Title ?? "",
    description: one.description ?? one.Description ?? "",
    url: one.url ?? one.Url ?? "",
    picurl: one.picurl ?? one.PicUrl ?? "",
  }));
}

/** @param {string} text */
function plain(text) {
  return text.replace(/<a\b[^>]*>|<\/a>/gi, "");
}
