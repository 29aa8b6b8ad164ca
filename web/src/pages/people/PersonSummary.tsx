import type { Person } from "../../api/types";
import { useAgo, useZone } from "../../app/session";
import { formatDate } from "../../format/times";
import { useI18n } from "../../i18n";
import { Avatar } from "../../ui/Avatar";
import { Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import { RfmClassTag } from "../rfm/RfmClassTag";
import { knownName } from "./knownName";
import styles from "./people.module.css";

/** Who it is, at a glance: what they bought and when they were here. */
export function PersonSummary({ person }: { person: Person }) {
  const { t } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  const zone = useZone();
  const { totals, rfm } = person;
  return (
    <Panel testId="person-card">
      <div className={styles.cardHead}>
        <Avatar seed={person.id} name={knownName(person.id, person.display_name)} size={52} />
        <div>
          {rfm && <RfmClassTag name={rfm.class} />}
          {person.reachable !== null && (
            <Tag tone={person.reachable ? "jade" : "plain"}>
              {t(person.reachable ? "people.reachable" : "people.unreachable")}
            </Tag>
          )}
        </div>
      </div>
      {totals && (
        <dl className={styles.totals}>
          <Total label={t("person.revenue")} value={format.money(totals.revenue, totals.currency)} />
          <Total label={t("person.orders")} value={format.count(totals.orders)} />
          <Total label={t("person.events")} value={format.count(totals.events)} />
        </dl>
      )}
      <dl className={styles.lines}>
        <Line label={t("person.firstSeen")}>
          {person.first_seen_at ? formatDate(person.first_seen_at, zone) : "–"}
        </Line>
        <Line label={t("person.lastSeen")}>{person.last_seen_at ? ago(person.last_seen_at) : "–"}</Line>
        <Line label={t("person.lastOrder")}>{totals?.last_order_at ? ago(totals.last_order_at) : "–"}</Line>
        {rfm && (
          <Line label="RFM">
            <span className="num">
              R{rfm.r} · F{rfm.f} · M{rfm.m}
            </span>
          </Line>
        )}
      </dl>
    </Panel>
  );
}

function Total({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className="num">{value}</dd>
    </div>
  );
}

function Line({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
