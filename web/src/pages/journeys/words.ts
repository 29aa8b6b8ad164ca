import { useMemo } from "react";
import { useI18n } from "../../i18n";
import { useAttributeWords } from "../../ui/useAttributeWords";
import { useEventName } from "../../ui/useEventName";
import { useSegmentName } from "../segments/useSegmentName";
import type { Entry, StepNode } from "./definition";
import { lookOf } from "./kinds/looks";

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
  const attributes = useAttributeWords();
  return useMemo(() => {
    const wording = { t, tag, event, segment: segmentName, attribute: attributes.name };
    return {
      event,
      entry: (entry) => {
        switch (entry.kind) {
          case "event":
            return t("entry.event", { event: event(entry.event) });
          case "segment_entered":
            return t("entry.segment", { segment: segmentName(entry.segment_id) });
          case "segment_left":
            return t("entry.segmentLeft", { segment: segmentName(entry.segment_id) });
          case "request":
            return t("entry.request");
        }
      },
      node: (node) => node.label || (lookOf(node.kind)?.describe(node, wording) ?? node.kind),
    };
  }, [t, tag, event, segmentName, attributes]);
}
