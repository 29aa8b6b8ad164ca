/** How each kind of step is shown and filled in: what it is called unnamed, and its form. Icons are in `icons.ts`. */

import type { ComponentType } from "react";
import { formatDuration } from "../../../format/times";
import type { Translate } from "../../../i18n";
import { type Definition, type StepNode, shares } from "../definition";
import { SendForm } from "../SendForm";
import { ConditionFields } from "./ConditionFields";
import { RandomFields } from "./RandomFields";
import { RepeatFields } from "./RepeatFields";
import { SplitFields } from "./SplitFields";
import { UpdateFields } from "./UpdateFields";
import type { Change } from "./update";
import { WaitEventFields } from "./WaitEventFields";
import { WaitFields } from "./WaitFields";
import { WaitUntilFields } from "./WaitUntilFields";
import type { Until } from "./waitUntil";

/** What a step's form is given: itself, and the whole graph for what a step alone cannot change. */
export interface FieldsProps<T extends StepNode> {
  id: string;
  node: T;
  definition: Definition;
  onChange: (node: T) => void;
  onReshape: (definition: Definition) => void;
}

export interface Wording {
  t: Translate;
  /** The language, as times are written in. */
  tag: string;
  event: (name: string) => string;
  segment: (id: string) => string;
  attribute: (key: string) => string;
}

export interface Look<T extends StepNode> {
  describe: (node: T, words: Wording) => string;
  /** None where there is nothing to fill in. */
  Fields?: ComponentType<FieldsProps<T>>;
}

type Looks = { [K in StepNode["kind"]]: Look<Extract<StepNode, { kind: K }>> };

export const LOOKS: Looks = {
  wait: {
    describe: (node, { t, tag }) => t("nodeWords.wait", { time: formatDuration(node.seconds, tag) }),
    Fields: WaitFields,
  },
  wait_until: {
    describe: ({ until }, words) => describeUntil(until, words),
    Fields: WaitUntilFields,
  },
  send: {
    describe: (node, { t }) =>
      String(node.content.text ?? node.content.template_id ?? "").slice(0, 60) || t("nodeKind.send"),
    Fields: SendForm,
  },
  condition: {
    describe: (_, { t }) => t("nodeWords.condition"),
    Fields: ConditionFields,
  },
  split: {
    describe: ({ branches }, { t }) =>
      t("nodeWords.split", {
        ways: branches.map(({ name, label }) => label || t(`way.${name}`)).join(" / "),
      }),
    Fields: SplitFields,
  },
  repeat: {
    describe: ({ times }, { t }) => t("nodeWords.repeat", { times }),
    Fields: RepeatFields,
  },
  update: {
    describe: ({ change }, words) => describeChange(change, words),
    Fields: UpdateFields,
  },
  wait_event: {
    describe: (node, { t, tag, event }) =>
      t("nodeWords.waitEvent", { time: formatDuration(node.timeout_s, tag), event: event(node.event) }),
    Fields: WaitEventFields,
  },
  random: {
    describe: (node, { t }) => t("nodeWords.random", { ways: shares(node).join(" : ") }),
    Fields: RandomFields,
  },
  end: {
    describe: (_, { t }) => t("nodeWords.end"),
  },
};

/** How a step's kind looks; `undefined` for one that only a newer server knows. */
export function lookOf(kind: string): Look<StepNode> | undefined {
  return (LOOKS as unknown as Record<string, Look<StepNode>>)[kind];
}

function describeUntil(until: Until, { t, attribute }: Wording): string {
  switch (until.kind) {
    case "day":
      return t("nodeWords.untilDay", { day: until.day, at: until.at ?? "09:00" });
    case "date": {
      const { offset = 0, unit = "days" } = until;
      const name = attribute(until.attribute);
      return offset === 0
        ? t("nodeWords.untilDate", { attribute: name })
        : t("nodeWords.untilDateMoved", {
            attribute: name,
            offset: offset > 0 ? `+${offset}` : offset,
            unit: t(`until.unit.${unit}`),
          });
    }
    case "window": {
      const { weekdays, opens, closes } = until;
      const days =
        weekdays.length === 7
          ? t("nodeWords.everyDay")
          : weekdays.map((day) => t(`bct.weekday.${day as 1}`)).join(t("nodeWords.and"));
      return t("nodeWords.untilWindow", { days, opens, closes });
    }
  }
}

function describeChange(change: Change, { t, attribute, segment }: Wording): string {
  switch (change.kind) {
    case "tags": {
      const [given, taken] = [(change.add ?? []).length, (change.remove ?? []).length];
      if (given > 0) return t("nodeWords.giveTags", { count: given });
      return taken > 0 ? t("nodeWords.takeTags", { count: taken }) : t("nodeKind.update");
    }
    case "attribute":
      return change.value === null
        ? t("peopleJobs.did.clear", { key: attribute(change.key) })
        : t("peopleJobs.did.set", { key: attribute(change.key), value: String(change.value) });
    case "list":
      return t(change.put ? "peopleJobs.did.put" : "peopleJobs.did.take", { list: segment(change.segment) });
  }
}
