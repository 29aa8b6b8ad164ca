import { Link } from "react-router";
import type { Person } from "../../api/types";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import styles from "./lifetime.module.css";
import { useMinor } from "./words";

/** What is foretold of one person, on their page. */
export function LifetimeCard({ lifetime }: { lifetime: NonNullable<Person["lifetime"]> }) {
  const { t } = useI18n();
  const format = useFormat();
  const minor = useMinor(lifetime);
  const lines: [string, string][] = [
    [t("lifetime.churn"), lifetime.alive === null ? t("lifetime.once") : format.share(1 - lifetime.alive, 1)],
    [t("lifetime.soon"), format.share(lifetime.buys_soon, 1)],
    [t("lifetime.next"), lifetime.next_on ?? t("lifetime.next.never")],
    [
      t("attribute.lifetime_purchases_365d"),
      t("lifetime.times", { count: format.decimal(lifetime.purchases, 1) }),
    ],
    [t("lifetime.value"), minor(lifetime.value_minor)],
  ];
  return (
    <Panel
      title={t("lifetime.person")}
      extra={<Link to="/lifetime">{t("lifetime.card")}</Link>}
      testId="person-lifetime"
    >
      <dl className={styles.lines}>
        {lines.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
