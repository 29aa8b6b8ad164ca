import { Button, Input, Select } from "antd";
import type { ExclusionRule, MessagePolicy, MessagePriority } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { Field } from "../../journeys/fields";
import { Figure } from "./Figure";
import { freeKey } from "./keys";
import styles from "./rules.module.css";
import { useCampaigns } from "./useCampaigns";

interface CampaignFieldsProps {
  policy: MessagePolicy;
  onChange: (part: Partial<MessagePolicy>) => void;
}

/** Which journeys and broadcasts go first, and which exclude each other. */
export function CampaignFields({ policy, onChange }: CampaignFieldsProps) {
  const { t } = useI18n();
  const campaigns = useCampaigns();
  const priorities = policy.priorities ?? {};
  const exclusions = policy.exclusions ?? [];
  const ranked = (rank: MessagePriority) => Object.keys(priorities).filter((id) => priorities[id] === rank);
  const setRanked = (rank: MessagePriority, ids: string[]) =>
    onChange({
      priorities: {
        ...Object.fromEntries(Object.entries(priorities).filter(([, one]) => one !== rank)),
        ...Object.fromEntries(ids.map((id) => [id, rank])),
      },
    });
  const replace = (at: number, rule?: ExclusionRule) =>
    onChange({ exclusions: exclusions.flatMap((one, index) => (index === at ? (rule ?? []) : one)) });
  return (
    <section className={styles.section} data-testid="rules-campaigns">
      <h3>{t("rules.campaigns")}</h3>
      <p className={styles.hint}>{t("rules.campaigns.hint")}</p>
      <div className={styles.row}>
        {(["high", "low"] as const).map((rank) => (
          <Field key={rank} label={t(`rules.priority.${rank}`)}>
            <Select
              mode="multiple"
              aria-label={t(`rules.priority.${rank}`)}
              value={ranked(rank)}
              onChange={(ids) => setRanked(rank, ids)}
              options={campaigns}
              optionFilterProp="label"
              style={{ width: 320, maxWidth: "100%" }}
            />
          </Field>
        ))}
      </div>
      {exclusions.map((rule, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the key is edited in place.
        <div key={at} className={styles.rule}>
          <Field label={t("rules.key")}>
            <Input
              aria-label={t("rules.key")}
              maxLength={32}
              value={rule.key}
              onChange={({ target }) => replace(at, { ...rule, key: target.value })}
              style={{ width: 120 }}
            />
          </Field>
          <Field label={t("rules.exclusion.campaigns")}>
            <Select
              mode="multiple"
              aria-label={t("rules.exclusion.campaigns")}
              value={rule.campaigns}
              onChange={(ids) => replace(at, { ...rule, campaigns: ids })}
              options={campaigns}
              optionFilterProp="label"
              style={{ width: 360, maxWidth: "100%" }}
            />
          </Field>
          <Figure
            label="rules.exclusion.days"
            min={1}
            max={90}
            value={rule.days ?? 7}
            onChange={(days) => days && replace(at, { ...rule, days })}
          />
          <Button type="text" danger onClick={() => replace(at)}>
            {t("rules.remove")}
          </Button>
        </div>
      ))}
      <Button
        disabled={exclusions.length >= 20}
        onClick={() => {
          const taken = exclusions.map((one) => one.key);
          onChange({ exclusions: [...exclusions, { key: freeKey("group", taken), campaigns: [], days: 7 }] });
        }}
      >
        {t("rules.exclusion.add")}
      </Button>
    </section>
  );
}
