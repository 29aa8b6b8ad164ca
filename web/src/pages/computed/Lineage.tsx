import { Link } from "react-router";
import type { ComputedDetail } from "../../api/computed";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { useEventName } from "../../ui/useEventName";
import { useFormat } from "../../ui/useFormat";
import { pathOfUse } from "../../ui/uses";
import styles from "./computed.module.css";

/** Where values come from, who reads them, how fresh they are, and what was published before. */
export function Lineage({ computed }: { computed: ComputedDetail }) {
  const { t } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  const eventName = useEventName();
  const sources = [
    ...computed.events.map(eventName),
    ...computed.inputs.map((key) => `computed.${key}`),
    ...computed.told,
  ];
  return (
    <Panel title={t("computed.lineage")} testId="computed-lineage">
      <dl className={styles.lineage}>
        <dt>{t("computed.from")}</dt>
        <dd>{sources.join("、") || "–"}</dd>
        <dt>{t("computed.usedBy")}</dt>
        <dd>
          {computed.used_by.length === 0 && <span className="muted">{t("computed.usedByNobody")}</span>}
          {computed.used_by.map((one) => (
            <Link key={one.id} to={pathOfUse(one)}>
              {one.name}
            </Link>
          ))}
        </dd>
        <dt>{t("computed.asOf")}</dt>
        <dd>
          {computed.as_of
            ? t("computed.fresh", {
                ago: ago(computed.as_of),
                changed: format.count(computed.changed),
                full: computed.full_at ? ago(computed.full_at) : "–",
              })
            : "–"}
        </dd>
        <dt>{t("computed.versions")}</dt>
        <dd>
          <ol className={styles.versions}>
            {computed.versions.map((one) => (
              <li key={one.version}>
                v{one.version} · {one.actor} · {ago(one.published_at)}
              </li>
            ))}
          </ol>
        </dd>
      </dl>
    </Panel>
  );
}
