import type { SaveTemplate, TemplateVariant } from "../../../api/messageTemplates";
import { isNodeReady, type SendNode } from "../../journeys/definition";

export const BACK = "/messages/templates";

export const EMPTY_VARIANT: TemplateVariant = {
  account_id: "",
  message_kind: "customer_service_text",
  content: { text: "" },
};

/** A variant is written like a journey's step. */
export const nodeOf = (variant: TemplateVariant): SendNode => ({
  kind: "send",
  account_id: variant.account_id,
  message_kind: variant.message_kind,
  content: variant.content as SendNode["content"],
  next: "",
});

export const variantOf = ({ account_id, message_kind, content }: SendNode): TemplateVariant => ({
  account_id,
  message_kind,
  content,
});

export const isReady = (variant: TemplateVariant) => isNodeReady(nodeOf(variant));

/** Whether two variants are for the same account and kind. */
export function saysTwice({ variants }: SaveTemplate): boolean {
  const said = variants.map((one) => `${one.account_id} ${one.message_kind}`);
  return new Set(said).size < said.length;
}
