import type { Translate } from "../../i18n";
import type { Definition } from "./definition";

const DAY_S = 86_400;
const HOUR_S = 3_600;

interface Choices {
  t: Translate;
  accountId: string;
  segmentId: string;
}

/** Greet new followers; whoever has not ordered after two days hears of it once more. */
function welcome({ t, accountId }: Choices): Definition {
  return {
    entry: {
      kind: "event",
      event: "wechat.official_account.followed",
      reentry: { mode: "cool_down", cool_down_s: 30 * DAY_S },
    },
    start: "pause",
    nodes: {
      pause: { kind: "wait", seconds: 60, next: "greet" },
      greet: {
        kind: "send",
        label: t("template.welcome.greet"),
        account_id: accountId,
        message_kind: "customer_service_text",
        content: { text: t("template.welcome.text") },
        message_class: "marketing",
        expires_after_s: 47 * HOUR_S,
        next: "watch",
      },
      watch: {
        kind: "wait_event",
        event: "Order Completed",
        timeout_s: DAY_S,
        matched: "ordered",
        timeout: "remind",
      },
      remind: {
        kind: "send",
        label: t("template.welcome.remind"),
        account_id: accountId,
        message_kind: "customer_service_text",
        content: { text: t("template.welcome.remindText") },
        message_class: "marketing",
        expires_after_s: 12 * HOUR_S,
        next: "done",
      },
      ordered: { kind: "end", label: t("template.ordered") },
      done: { kind: "end" },
    },
  };
}

/** Speak once to people who come into a segment of sleepers, unless they bought in the meantime. */
function winBack({ t, accountId, segmentId }: Choices): Definition {
  return {
    entry: {
      kind: "segment_entered",
      segment_id: segmentId,
      existing: true,
      reentry: { mode: "cool_down", cool_down_s: 90 * DAY_S },
    },
    start: "awake",
    nodes: {
      awake: {
        kind: "condition",
        label: t("template.winBack.awake"),
        test: {
          kind: "event",
          name: "Order Completed",
          window: { kind: "rolling", amount: 1, unit: "days" },
        },
        yes: "ordered",
        no: "call",
      },
      call: {
        kind: "send",
        label: t("template.winBack.call"),
        account_id: accountId,
        message_kind: "customer_service_text",
        content: { text: t("template.winBack.text") },
        message_class: "marketing",
        expires_after_s: DAY_S,
        next: "watch",
      },
      watch: {
        kind: "wait_event",
        event: "Order Completed",
        timeout_s: 7 * DAY_S,
        matched: "ordered",
        timeout: "done",
      },
      ordered: { kind: "end", label: t("template.ordered") },
      done: { kind: "end" },
    },
  };
}

export const TEMPLATES = { welcome, winBack };
export type TemplateName = keyof typeof TEMPLATES;

export function isTemplate(name: string): name is TemplateName {
  return name in TEMPLATES;
}
