import type { Json, MessageChannel, MessageKind } from "../../../api/types";

const TEMPLATED: readonly MessageKind[] = [
  "template",
  "official_account_notice",
  "mini_program_subscribe",
  "sms",
];

export const isTemplated = (kind: MessageKind) => TEMPLATED.includes(kind);

/** The kind an account of a product begins with. */
export const FIRST_KIND: Record<MessageChannel, MessageKind> = {
  official_account: "customer_service_text",
  mini_program: "mini_program_subscribe",
  sms: "sms",
  email: "email",
  webhook: "webhook",
};

/** What a message of a kind holds before anything is written; what both kinds have is kept. */
export function emptyContent(kind: MessageKind, before: Record<string, Json> = {}): Record<string, Json> {
  if (isTemplated(kind)) return { template_id: "", data: {} };
  const text = String(before.text ?? before.title ?? before.head ?? "");
  switch (kind) {
    case "customer_service_image":
      return { media_id: "" };
    case "customer_service_news":
      return { title: text, url: "" };
    case "customer_service_mini_program":
      return { title: text, appid: "", pagepath: "", thumb_media_id: "" };
    case "email":
      return { subject: "", text };
    case "webhook":
      return { event: "", data: {} };
    case "customer_service_menu":
      return { head: text, items: [{ id: "item1", content: "" }] };
    default:
      return { text };
  }
}
