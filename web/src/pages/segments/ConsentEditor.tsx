import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { CHANNELS, purposesQuery } from "../../api/consent";
import { useI18n } from "../../i18n";
import { usePurposeName } from "../consent/words";
import { Row } from "./FactsEditor";
import { WindowInput } from "./inputs";
import type { LeafProps } from "./LeafEditor";
import { type ConsentCondition, STANCES } from "./tree";

/** What somebody said last of a purpose on a channel, and on wish since when. */
export function ConsentEditor({ leaf, onChange }: LeafProps<ConsentCondition>) {
  const { t } = useI18n();
  const name = usePurposeName();
  const { data } = useQuery(purposesQuery);
  const keys = new Set([...(data?.items.map((one) => one.key) ?? []), leaf.purpose]);
  const setState = (state: ConsentCondition["state"]) => {
    // Nobody can tell since when somebody said nothing.
    const { since, ...rest } = leaf;
    onChange(state === "silent" || since === undefined ? { ...rest, state } : { ...rest, state, since });
  };
  return (
    <>
      <Row label={t("leaf.consent")}>
        <Select
          aria-label={t("consent.purpose")}
          value={leaf.purpose}
          onChange={(purpose) => onChange({ ...leaf, purpose })}
          options={[...keys].map((value) => ({ value, label: name(value) }))}
          popupMatchSelectWidth={false}
        />
        <Select
          aria-label={t("consent.channel")}
          value={leaf.channel}
          onChange={(channel) => onChange({ ...leaf, channel })}
          options={CHANNELS.map((value) => ({ value, label: t(`consent.channel.${value}`) }))}
          popupMatchSelectWidth={false}
        />
        <Select
          aria-label={t("consent.state")}
          value={leaf.state}
          onChange={setState}
          options={STANCES.map((value) => ({ value, label: t(`consent.state.${value}`) }))}
          popupMatchSelectWidth={false}
        />
      </Row>
      {leaf.state !== "silent" && (
        <Row label={t("leaf.consent.since")}>
          <WindowInput
            value={leaf.since ?? { kind: "ever" }}
            onChange={(since) => onChange({ ...leaf, since })}
          />
        </Row>
      )}
    </>
  );
}
