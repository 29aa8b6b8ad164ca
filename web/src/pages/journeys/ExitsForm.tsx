import { DeleteOutlined, LogoutOutlined, TrophyOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Select } from "antd";
import { purposesQuery } from "../../api/consent";
import { segmentsQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { usePurposeName } from "../consent/words";
import type { Definition, ExitRule, Goal } from "./definition";
import { EventPicker } from "./EventPicker";
import { Field, SecondsInput } from "./fields";
import styles from "./journeys.module.css";

interface ExitsFormProps {
  definition: Definition;
  onChange: (definition: Definition) => void;
}

const BLANK: Record<ExitRule["kind"], ExitRule> = {
  event: { kind: "event", event: "" },
  segment: { kind: "segment", segment_id: "", move: "entered" },
  consent_withdrawn: { kind: "consent_withdrawn", purpose: "marketing" },
};
const KINDS = Object.keys(BLANK) as ExitRule["kind"][];
const EXITS_MAX = 10;

/** What the journey is for, and what ends it wherever somebody stands. */
export function ExitsForm({ definition, onChange }: ExitsFormProps) {
  const { t } = useI18n();
  const exits = definition.exits ?? [];
  // Rules have no id of their own, and none changes its place.
  const keys = exits.map((rule, place) => `${place}:${rule.kind}`);
  const put = (next: ExitRule[]) => onChange({ ...definition, exits: next });
  return (
    <>
      <GoalForm goal={definition.goal ?? null} onChange={(goal) => onChange({ ...definition, goal })} />
      <section className={styles.form} data-testid="journey-exits">
        <h3>
          <LogoutOutlined aria-hidden style={{ color: "var(--ink-3)" }} /> {t("exits.title")}
        </h3>
        <small>{t("exits.hint")}</small>
        {exits.map((rule, place) => (
          <div key={keys[place]}>
            <Field label={t(`exits.${rule.kind}`)}>
              <RuleFields
                rule={rule}
                onChange={(next) => put(exits.map((one, at) => (at === place ? next : one)))}
              />
              <Button
                type="text"
                size="small"
                icon={<DeleteOutlined />}
                aria-label={t("exits.remove")}
                onClick={() => put(exits.filter((_, at) => at !== place))}
              />
            </Field>
          </div>
        ))}
        {exits.length < EXITS_MAX && (
          <div className={styles.pair}>
            {KINDS.map((kind) => (
              <Button size="small" key={kind} onClick={() => put([...exits, BLANK[kind]])}>
                + {t(`exits.${kind}`)}
              </Button>
            ))}
          </div>
        )}
      </section>
    </>
  );
}

function RuleFields({ rule, onChange }: { rule: ExitRule; onChange: (rule: ExitRule) => void }) {
  switch (rule.kind) {
    case "event":
      return <EventPicker value={rule.event} onChange={(event) => onChange({ ...rule, event })} />;
    case "segment":
      return <SegmentRule rule={rule} onChange={onChange} />;
    case "consent_withdrawn":
      return <PurposeRule rule={rule} onChange={onChange} />;
  }
}

interface RuleProps<K extends ExitRule["kind"]> {
  rule: Extract<ExitRule, { kind: K }>;
  onChange: (rule: ExitRule) => void;
}

function SegmentRule({ rule, onChange }: RuleProps<"segment">) {
  const { t } = useI18n();
  const { data } = useQuery(segmentsQuery);
  return (
    <span className={styles.pair}>
      <Select
        aria-label={t("exits.move")}
        value={rule.move}
        onChange={(move: "entered" | "left") => onChange({ ...rule, move })}
        options={(["entered", "left"] as const).map((move) => ({ value: move, label: t(`exits.${move}`) }))}
        style={{ width: 96 }}
      />
      <Select
        aria-label={t("nav.segments")}
        value={rule.segment_id || undefined}
        placeholder={t("entry.chooseSegment")}
        onChange={(segment_id: string) => onChange({ ...rule, segment_id })}
        options={data?.items.map((segment) => ({ value: segment.id, label: segment.name }))}
        style={{ flex: 1, minWidth: 0 }}
      />
    </span>
  );
}

function PurposeRule({ rule, onChange }: RuleProps<"consent_withdrawn">) {
  const { t } = useI18n();
  const name = usePurposeName();
  const { data } = useQuery(purposesQuery);
  const keys = new Set([...(data?.items.map((one) => one.key) ?? []), rule.purpose]);
  return (
    <Select
      aria-label={t("send.purpose")}
      value={rule.purpose}
      onChange={(purpose: string) => onChange({ ...rule, purpose })}
      options={[...keys].map((value) => ({ value, label: name(value) }))}
      style={{ width: "100%" }}
    />
  );
}

const GOAL_MIN_S = 300;
const GOAL_DAYS_S = 7 * 86_400;
const GOAL_START: Goal = { event: "Order Completed", within_s: GOAL_DAYS_S, leaves: true };

function GoalForm({ goal, onChange }: { goal: Goal | null; onChange: (goal: Goal | null) => void }) {
  const { t } = useI18n();
  return (
    <section className={styles.form} data-testid="journey-goal">
      <h3>
        <TrophyOutlined aria-hidden style={{ color: "var(--ink-3)" }} /> {t("goal.title")}
      </h3>
      <Field label={t("goal.what")}>
        <Checkbox
          checked={goal !== null}
          onChange={(event) => onChange(event.target.checked ? GOAL_START : null)}
        >
          {t("goal.has")}
        </Checkbox>
      </Field>
      {goal && (
        <>
          <Field label={t("leaf.event")}>
            <EventPicker value={goal.event} onChange={(event) => onChange({ ...goal, event })} />
          </Field>
          <Field label={t("goal.within")}>
            <SecondsInput
              label={t("goal.within")}
              value={goal.within_s ?? GOAL_DAYS_S}
              onChange={(within_s) => onChange({ ...goal, within_s: Math.max(GOAL_MIN_S, within_s) })}
            />
          </Field>
          <Field label={t("goal.then")}>
            <Checkbox
              checked={goal.leaves ?? true}
              onChange={(event) => onChange({ ...goal, leaves: event.target.checked })}
            >
              {t("goal.leaves")}
            </Checkbox>
          </Field>
        </>
      )}
    </section>
  );
}
