import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { rfmQuery } from "../../api/queries";
import type { Person } from "../../api/types";
import { useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import lifetime from "../lifetime/lifetime.module.css";
import { RfmClassTag } from "./RfmClassTag";

/** One person's class, and the figures and scores that make it. */
export function RfmCard({ rfm }: { rfm: NonNullable<Person["rfm"]> }) {
  const { t } = useI18n();
  const format = useFormat();
  const { data } = useQuery(rfmQuery);
  const lines: [string, string, number][] = [
    [t("rfm.recencyDays"), t("rfm.days", { count: format.count(rfm.recency_days) }), rfm.r],
    [t("rfm.frequency"), format.count(rfm.frequency), rfm.f],
    [t("rfm.monetary"), format.money(rfm.monetary, data?.currency), rfm.m],
  ];
  return (
    <Panel
      title={t("rfm.person")}
      extra={<Link to={`/rfm?class=${rfm.class}`}>{t("rfm.person.class")}</Link>}
      testId="person-rfm"
    >
      <RfmClassTag name={rfm.class} />
      <dl className={lifetime.lines}>
        {lines.map(([label, value, score]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className="num">
              {value} <small className="muted">{t("rfm.scoreOf", { score })}</small>
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
