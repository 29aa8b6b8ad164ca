import { useQuery } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { purposesQuery } from "../../../api/consent";
import type { CapRule } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { usePurposeName } from "../../consent/words";
import { Field } from "../../journeys/fields";
import { CHANNELS } from "../words";
import { Figure } from "./Figure";
import { freeKey } from "./keys";
import styles from "./rules.module.css";

const ALL = "all" as const;
const UNITS = ["minutes", "hours", "days", "weeks", "months"] as const;

interface CapFieldsProps {
  caps: readonly CapRule[];
  onChange: (caps: CapRule[]) => void;
}

/** How many messages one person gets at most: any number of rules, all of which hold. */
export function CapFields({ caps, onChange }: CapFieldsProps) {
  const { t } = useI18n();
  const keys = caps.map((cap) => cap.key);
  return (
    <section className={styles.section} data-testid="rules-caps">
      <h3>{t("rules.caps")}</h3>
      <p className={styles.hint}>{t("rules.caps.hint")}</p>
      {caps.map((cap, at) => (
        <CapRow
          // biome-ignore lint/suspicious/noArrayIndexKey: the key is edited in place.
          key={at}
          cap={cap}
          onChange={(changed) => onChange(caps.map((one, index) => (index === at ? changed : one)))}
          onRemove={() => onChange(caps.filter((_, index) => index !== at))}
        />
      ))}
      <Button
        disabled={caps.length >= 10}
        onClick={() => onChange([...caps, { key: freeKey("cap", keys), limit: 2, every: 1, unit: "days" }])}
      >
        {t("rules.caps.add")}
      </Button>
    </section>
  );
}

interface CapRowProps {
  cap: CapRule;
  onChange: (cap: CapRule) => void;
  onRemove: () => void;
}

function CapRow({ cap, onChange, onRemove }: CapRowProps) {
  const { t } = useI18n();
  const purposes = useQuery(purposesQuery);
  const purposeName = usePurposeName();
  return (
    <div className={styles.rule}>
      <Field label={t("rules.key")}>
        <Input
          aria-label={t("rules.key")}
          maxLength={32}
          value={cap.key}
          onChange={({ target }) => onChange({ ...cap, key: target.value })}
          style={{ width: 120 }}
        />
      </Field>
      <Figure
        label="rules.caps.every"
        min={1}
        max={366}
        value={cap.every ?? 1}
        onChange={(every) => every && onChange({ ...cap, every })}
      />
      <Field label={t("segment.unit")}>
        <Select
          aria-label={t("segment.unit")}
          value={cap.unit ?? "days"}
          onChange={(unit) => onChange({ ...cap, unit })}
          options={UNITS.map((value) => ({ value, label: t(`rules.unit.${value}`) }))}
          style={{ width: 120 }}
        />
      </Field>
      <Figure
        label="rules.caps.limit"
        min={1}
        max={1000}
        value={cap.limit}
        onChange={(limit) => limit && onChange({ ...cap, limit })}
      />
      <Field label={t("messages.channel")}>
        <Select
          aria-label={t("messages.channel")}
          value={cap.channel ?? ALL}
          onChange={(channel) => onChange({ ...cap, channel: channel === ALL ? null : channel })}
          options={[
            { value: ALL, label: t("rules.caps.allChannels") },
            ...CHANNELS.map((value) => ({ value, label: t(`channel.${value}`) })),
          ]}
          style={{ width: 150 }}
        />
      </Field>
      <Field label={t("rules.caps.purpose")}>
        <Select
          aria-label={t("rules.caps.purpose")}
          value={cap.purpose ?? ""}
          onChange={(purpose: string) => onChange({ ...cap, purpose: purpose || null })}
          options={[
            { value: "", label: t("rules.caps.allPurposes") },
            ...(purposes.data?.items ?? []).map(({ key }) => ({ value: key, label: purposeName(key) })),
          ]}
          style={{ width: 150 }}
        />
      </Field>
      <Field label={t("rules.caps.whenCapped")}>
        <Select
          aria-label={t("rules.caps.whenCapped")}
          value={cap.when_capped ?? "refuse"}
          onChange={(when_capped) => onChange({ ...cap, when_capped })}
          options={(["refuse", "wait"] as const).map((value) => ({
            value,
            label: t(`rules.caps.${value}`),
          }))}
          style={{ width: 170 }}
        />
      </Field>
      <Figure
        label="rules.caps.keptForHigh"
        min={0}
        max={Math.max(0, cap.limit - 1)}
        value={cap.kept_for_high ?? 0}
        onChange={(kept) => onChange({ ...cap, kept_for_high: kept ?? 0 })}
      />
      <Button type="text" danger onClick={onRemove}>
        {t("rules.remove")}
      </Button>
    </div>
  );
}
