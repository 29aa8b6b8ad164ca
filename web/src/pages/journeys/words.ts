import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { segmentsQuery } from "../../api/queries";
import { formatDuration } from "../../format/times";
import { useI18n } from "../../i18n";
import type { Entry, StepNode } from "./definition";

export interface NodeWords {
  entry: (entry: Entry) => string;
  node: (node: StepNode) => string;
  event: (name: string) => string;
}

/** What each part of a journey is called where its author gave no name of their own. */
export function useNodeWords(): NodeWords {
  const { t, tag, has } = useI18n();
  const { data } = useQuery(segmentsQuery);
  const segments = data?.items;
  return useMemo(() => {
    const event = (name: string) => {
      const key = `event.${name}`;
      return has(key) ? t(key) : name;
    };
    const named = (id: string) => segments?.find((segment) => segment.id === id)?.name ?? id;
    return {
      event,
      entry: (entry) =>
        entry.kind === "event"
          ? t("entry.event", { event: event(entry.event) })
          : t("entry.segment", { segment: named(entry.segment_id) }),
      node: (node) => node.label || describe(node),
    };

    function describe(node: StepNode): string {
      switch (node.kind) {
        case "wait":
          return t("nodeWords.wait", { time: formatDuration(node.seconds, tag) });
        case "send":
          return (
            String(node.content.text ?? node.content.template_id ?? "").slice(0, 60) || t("nodeKind.send")
          );
        case "wait_event":
          return t("nodeWords.waitEvent", {
            time: formatDuration(node.timeout_s, tag),
            event: event(node.event),
          });
        case "condition":
          return t("nodeWords.condition");
        case "end":
          return t("nodeWords.end");
      }
    }
  }, [t, tag, has, segments]);
}
