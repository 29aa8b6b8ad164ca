import { useQuery } from "@tanstack/react-query";
import { Checkbox, InputNumber, Segmented, Select } from "antd";
import { Link } from "react-router";
import { segmentsQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import type { Entry, Reentry } from "./definition";
import { EventPicker } from "./EventPicker";
import { Field, SecondsInput } from "./fields";
import styles from "./journeys.module.css";
import { NodeIcon } from "./NodeIcon";

interface EntryFormProps {
  entry: Entry;
  onChange: (entry: Entry) => void;
}

export function EntryForm({ entry, onChange }: EntryFormProps) {
  const { t } = useI18n();
  const turn = (kind: Entry["kind"]) => {
    if (kind === entry.kind) return;
    const { reentry } = entry;
    const segment_id = "segment_id" in entry ? entry.segment_id : "";
    if (kind === "event") onChange({ kind, event: "", reentry });
    else if (kind === "request") onChange({ kind, reentry });
    else onChange({ kind, segment_id, reentry });
  };
  return (
    <section className={styles.form}>
      <h3>
        <NodeIcon kind="entry" /> {t("entry.title")}
      </h3>
      <Field label={t("entry.how")}>
        <Segmented<Entry["kind"]>
          className={styles.choices}
          value={entry.kind}
          onChange={turn}
          options={[
            { value: "event", label: t("entry.byEvent") },
            { value: "segment_entered", label: t("entry.bySegment") },
            { value: "segment_left", label: t("entry.bySegmentLeft") },
            { value: "request", label: t("entry.byRequest") },
          ]}
        />
      </Field>
      {entry.kind === "request" && <p className="soft">{t("entry.byRequest.hint")}</p>}
      {entry.kind === "event" && (
        <Field label={t("leaf.event")}>
          <EventPicker value={entry.event} onChange={(event) => onChange({ ...entry, event })} />
        </Field>
      )}
      {"segment_id" in entry && <SegmentFields entry={entry} onChange={onChange} />}
      <ReentryFields
        reentry={entry.reentry ?? { mode: "never" }}
        onChange={(reentry) => onChange({ ...entry, reentry })}
      />
    </section>
  );
}

interface SegmentFieldsProps {
  entry: Extract<Entry, { segment_id: string }>;
  onChange: (entry: Entry) => void;
}

function SegmentFields({ entry, onChange }: SegmentFieldsProps) {
  const { t } = useI18n();
  const { data } = useQuery(segmentsQuery);
  return (
    <Field
      label={t("nav.segments")}
      hint={data?.items.length === 0 && <Link to="/segments/new">{t("segments.create")}</Link>}
    >
      <Select
        aria-label={t("nav.segments")}
        value={entry.segment_id || undefined}
        placeholder={t("entry.chooseSegment")}
        onChange={(segment_id: string) => onChange({ ...entry, segment_id })}
        options={data?.items.map((segment) => ({ value: segment.id, label: segment.name }))}
        style={{ width: "100%", marginBottom: 6 }}
      />
      {entry.kind === "segment_entered" && (
        <Checkbox
          checked={entry.existing ?? false}
          onChange={(event) => onChange({ ...entry, existing: event.target.checked })}
        >
          {t("entry.existing")}
        </Checkbox>
      )}
    </Field>
  );
}

const MODES = ["never", "after_exit", "cool_down", "per_period"] as const;
const COOL_DOWN_START_S = 30 * 86_400;
const PERIOD_START_S = 86_400;
const TIMES_MAX = 100;

function ReentryFields({ reentry, onChange }: { reentry: Reentry; onChange: (reentry: Reentry) => void }) {
  const { t } = useI18n();
  const { times = 1, period_s = PERIOD_START_S } = reentry;
  const turn = (mode: Reentry["mode"]) => onChange(blankOf(mode, reentry));
  return (
    <Field label={t("entry.reentry")}>
      <span className={styles.pair}>
        <Select
          aria-label={t("entry.reentry")}
          value={reentry.mode}
          onChange={turn}
          options={MODES.map((mode) => ({ value: mode, label: t(`reentry.${mode}`) }))}
          style={{ width: 190 }}
        />
        {reentry.mode === "cool_down" && (
          <SecondsInput
            label={t("entry.coolDown")}
            value={reentry.cool_down_s ?? COOL_DOWN_START_S}
            min={1}
            onChange={(cool_down_s) => onChange({ mode: "cool_down", cool_down_s })}
          />
        )}
        {reentry.mode === "per_period" && (
          <>
            <SecondsInput
              label={t("entry.period")}
              value={period_s}
              min={1}
              onChange={(next) => onChange({ mode: "per_period", times, period_s: next })}
            />
            <InputNumber
              aria-label={t("entry.times")}
              min={1}
              max={TIMES_MAX}
              precision={0}
              value={times}
              suffix={t("entry.timesUnit")}
              onChange={(next) => onChange({ mode: "per_period", times: next ?? 1, period_s })}
              style={{ width: 110 }}
            />
          </>
        )}
      </span>
    </Field>
  );
}

function blankOf(mode: Reentry["mode"], { cool_down_s, times, period_s }: Reentry): Reentry {
  switch (mode) {
    case "cool_down":
      return { mode, cool_down_s: cool_down_s || COOL_DOWN_START_S };
    case "per_period":
      return { mode, times: times ?? 1, period_s: period_s || PERIOD_START_S };
    default:
      return { mode };
  }
}
