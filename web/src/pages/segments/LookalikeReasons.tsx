import { useQuery } from "@tanstack/react-query";
import type { LookalikeReason } from "../../api/lookalike";
import { tagBookQuery } from "../../api/personTags";
import { useI18n } from "../../i18n";
import { useAttributeWords } from "../../ui/useAttributeWords";
import { useEventName } from "../../ui/useEventName";
import { useFormat } from "../../ui/useFormat";
import styles from "./lookalike.module.css";

/** What the seed has more of than others, in words: whoever was found has most of it too. */
export function LookalikeReasons({ reasons }: { reasons: readonly LookalikeReason[] }) {
  const { t } = useI18n();
  const format = useFormat();
  const what = useWhat();
  const how = useHow();
  const most = Math.max(...reasons.map((one) => one.effect));
  return (
    <section>
      <h3>{t("lookalike.reasons")}</h3>
      <ol className={styles.reasons}>
        {reasons.map((one) => (
          <li key={`${one.kind}:${one.name}:${one.value}`}>
            <strong>{what(one)}</strong>
            <span className={styles.weight} aria-hidden="true">
              <i style={{ width: `${(100 * one.effect) / most}%` }} />
            </span>
            <span className="soft">
              {t("lookalike.shares", {
                seed: format.share(one.seed_share, 1),
                base: format.share(one.base_share, 1),
              })}
              {how(one)}
            </span>
          </li>
        ))}
      </ol>
      <p className="soft">{t("lookalike.reasonsHint")}</p>
    </section>
  );
}

function useWhat(): (one: LookalikeReason) => string {
  const { t, has } = useI18n();
  const attribute = useAttributeWords();
  const event = useEventName();
  const { data: book } = useQuery(tagBookQuery);
  const tagName = (id: string) =>
    book?.groups.flatMap((group) => group.tags).find((tag) => tag.id === id)?.name ?? id;
  const word = (key: string, otherwise: string) => (has(key) ? t(key) : otherwise);
  return (one) => {
    const name = {
      event_count: () => event(one.name),
      event_recency: () => event(one.name),
      category: () => one.name,
      channel: () => word(`channel.${one.name}`, one.name),
      tag: () => tagName(one.name),
      attribute: () => attribute.name(one.name),
      number: () => attribute.name(one.name),
      spent: () => one.name,
      known_days: () => "",
      quiet_days: () => "",
    }[one.kind]();
    const value = one.kind === "attribute" ? attribute.value(one.name, one.value) : "";
    return t(`lookalike.what.${one.kind}`, { name, value });
  };
}

/** The usual figure of those who have it, seed against others; nothing for what one has or has not. */
function useHow(): (one: LookalikeReason) => string {
  const { t } = useI18n();
  const format = useFormat();
  const told = (one: LookalikeReason, value: number) => {
    if (one.kind === "spent") return format.money(value, one.name);
    if (one.kind === "number") return format.decimal(value, 1);
    return format.decimal(value, value < 10 ? 1 : 0);
  };
  return (one) => {
    if (one.seed_median == null || one.base_median == null) return "";
    const unit = ["event_recency", "known_days", "quiet_days"].includes(one.kind) ? "days" : "plain";
    return ` · ${t(`lookalike.medians.${unit}`, {
      seed: told(one, one.seed_median),
      base: told(one, one.base_median),
    })}`;
  };
}
