import type { Computed } from "../../api/computed";
import { useI18n } from "../../i18n";
import { Tag, type Tone } from "../../ui/Tag";

const TONES: Record<string, Tone> = {
  draft: "plain",
  building: "blue",
  live: "jade",
  paused: "amber",
  failed: "red",
};

/** Where an attribute stands; what failed says why. */
export function StateTag({ computed }: { computed: Computed }) {
  const { t } = useI18n();
  const state = computed.error ? "failed" : computed.is_building ? "building" : computed.state;
  return (
    <span title={computed.error ?? undefined}>
      <Tag tone={TONES[state] ?? "plain"}>{t(`computed.state.${state as "live"}`)}</Tag>
      {computed.draft && computed.version > 0 && <Tag>{t("computed.state.edited")}</Tag>}
    </span>
  );
}
