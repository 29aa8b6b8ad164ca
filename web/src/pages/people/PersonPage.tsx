import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { personQuery } from "../../api/queries";
import type { Person } from "../../api/types";
import { useAgo, useZone } from "../../app/session";
import { formatDate } from "../../format/times";
import { useI18n } from "../../i18n";
import { Avatar } from "../../ui/Avatar";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import { LifetimeCard } from "../lifetime/LifetimeCard";
import { RfmClassTag } from "../rfm/RfmClassTag";
import { PersonWelcomes } from "../wecom/welcomes/PersonWelcomes";
import { knownName } from "./knownName";
import { PersonFacts } from "./PersonFacts";
import styles from "./people.module.css";
import { Timeline } from "./Timeline";

export default function PersonPage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const { data: person, error, refetch } = useQuery(personQuery(id));
  if (!person && !error) return <PageSkeleton />;
  return (
    <Page
      title={(person && knownName(person.id, person.display_name)) ?? t("people.unnamed")}
      back={{ to: "/people", label: t("nav.people") }}
      lead={<span className="mono muted">{id}</span>}
    >
      {error && !person && <ErrorNotice error={error} onRetry={refetch} />}
      {person && (
        <div className={styles.person}>
          <div className={styles.aside}>
            <Card person={person} />
            {person.lifetime && <LifetimeCard lifetime={person.lifetime} />}
            <PersonFacts person={person} />
            <PersonWelcomes personId={person.id} />
          </div>
          <Timeline personId={person.id} />
        </div>
      )}
    </Page>
  );
}

function Card({ person }: { person: Person }) {
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
