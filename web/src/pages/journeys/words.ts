import { useMemo } from "react";
import { formatDuration } from "../../format/times";
import { useI18n } from "../../i18n";
import { useEventName } from "../../ui/useEventName";
import { useSegmentName } from "../segments/useSegmentName";
import { type Entry, type StepNode, shares } from "./definition";

export interface NodeWords {
  entry: (entry: Entry) => string;
  node: (node: StepNode) => string;
  event: (name: string) => string;
}

/** What each part of a journey is called where its author gave no name of their own. */
export function useNodeWords(): NodeWords {
  const { t, tag } = useI18n();
  const event = useEventName();
  const segmentName = useSegmentName();
  return useMemo(() => {
    return {
      event,
      entry: (entry) =>
        entry.kind === "event"
          ? t("entry.event", { event: event(entry.event) })
          : t("entry.segment", { segment: segmentName(entry.segment_id) }),
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
        case "random":
          return t("nodeWords.random", { ways: shares(node).join(" : ") });
        case "end":
          return t("nodeWords.end");
      }
    }
  }, [t, tag, event, segmentName]);
}
