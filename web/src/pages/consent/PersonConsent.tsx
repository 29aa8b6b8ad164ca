import { useMutation, useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import {
  type ConsentEntry,
  type ConsentOfPerson,
  consentQuery,
  makePreferencesLink,
  purposesQuery,
  type Standing,
} from "../../api/consent";
import { useAgo, useZone } from "../../app/session";
import { formatDate, formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { CopyButton } from "../../ui/CopyButton";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { Tag } from "../../ui/Tag";
import styles from "./consent.module.css";
import { SayForm } from "./SayForm";
import { STATE_TONE, usePurposeName } from "./words";

/** What counts for a person by purpose and channel, what they said, and saying something for them. */
export function PersonConsent({ personId }: { personId: string }) {
  const { t } = useI18n();
  const [saying, setSaying] = useState(false);
  const { data, error, refetch } = useQuery(consentQuery(personId));
  const link = useMutation({ mutationFn: () => makePreferencesLink(personId) });
  const tools = (
    <span className={styles.tools}>
      <Button size="small" loading={link.isPending} onClick={() => link.mutate()}>
        {t("consent.link")}
      </Button>
      <Button size="small" type="primary" onClick={() => setSaying(true)}>
        {t("consent.say")}
      </Button>
    </span>
  );
  return (
    <>
      <Panel title={t("consent.ofPerson")} extra={tools} testId="person-consent">
        {link.error && <ErrorNotice error={link.error} />}
        {link.data && <PreferencesLink {...link.data} />}
        {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
        {!data && !error && <PanelSkeleton />}
        {data && <Standings standings={data.standings} />}
      </Panel>
      {data && <Ledger entries={data.entries} />}
      {saying && <SayForm personId={personId} onClose={() => setSaying(false)} />}
    </>
  );
}

function PreferencesLink({ url, expires_at }: { url: string; expires_at: string }) {
  const { t } = useI18n();
  const zone = useZone();
  return (
    <p className={styles.link} role="status">
      <code>{url}</code>
      <CopyButton text={url} />
      <a href={url} target="_blank" rel="noreferrer">
        {t("consent.link.open")}
      </a>
      <small className="muted">{t("consent.link.text", { until: formatDate(expires_at, zone) })}</small>
    </p>
  );
}

function Standings({ standings }: Pick<ConsentOfPerson, "standings">) {
  const { t } = useI18n();
  const { data } = useQuery(purposesQuery);
  const name = usePurposeName();
  const keys = [...new Set(standings.map((one) => one.purpose))];
  return keys.map((key) => {
    const purpose = data?.items.find((one) => one.key === key);
    return (
      <section key={key} className={styles.purpose}>
        <div className={styles.head}>
          <h3>{name(key)}</h3>
          {purpose && <small className="muted">{t(`consent.basis.${purpose.basis}`)}</small>}
        </div>
        <ul className={styles.channels}>
          {standings
            .filter((one) => one.purpose === key)
            .map((one) => (
              <Channel key={one.channel} standing={one} />
            ))}
        </ul>
      </section>
    );
  });
}

function Channel({ standing }: { standing: Standing }) {
  const { t } = useI18n();
  const ago = useAgo();
  const { state, is_allowed, since, source, text_version } = standing;
  const words = [
    t(is_allowed ? "consent.canSend" : "consent.cannotSend"),
    text_version && t("consent.version", { version: text_version }),
    source && t(`consent.source.${source}`),
    since && ago(since),
  ];
  return (
    <li>
      <span>{t(`consent.channel.${standing.channel}`)}</span>
      <Tag tone={STATE_TONE[state ?? "silent"]}>{t(`consent.state.${state ?? "silent"}`)}</Tag>
      <small>{words.filter(Boolean).join(" · ")}</small>
    </li>
  );
}

function Ledger({ entries }: Pick<ConsentOfPerson, "entries">) {
  const { t } = useI18n();
  return (
    <Panel flush title={t("consent.history")} testId="person-consent-ledger">
      <DataTable
        label={t("consent.history")}
        columns={useColumns()}
        rows={entries}
        rowKey={(one) => one.operation_id}
        empty={<EmptyState title={t("consent.history.empty")}>{t("consent.history.empty.text")}</EmptyState>}
      />
    </Panel>
  );
}

function useColumns(): Column<ConsentEntry>[] {
  const { t } = useI18n();
  const zone = useZone();
  const name = usePurposeName();
  return [
    {
      key: "what",
      title: t("consent.purpose"),
      lead: true,
      render: (one) => (
        <>
          {name(one.purpose)} <small className="muted">{t(`consent.channel.${one.channel}`)}</small>
        </>
      ),
    },
    {
      key: "state",
      title: t("consent.state"),
      render: (one) => <Tag tone={STATE_TONE[one.state]}>{t(`consent.state.${one.state}`)}</Tag>,
    },
    {
      key: "text",
      title: t("consent.text"),
      render: (one) => (one.text_version ? t("consent.version", { version: one.text_version }) : "–"),
    },
    { key: "source", title: t("consent.source"), render: (one) => t(`consent.source.${one.source}`) },
    { key: "who", title: t("consent.who"), wide: true, render: (one) => whoAndWhy(one) || "–" },
    {
      key: "at",
      title: t("consent.at"),
      align: "end",
      render: (one) => formatDateTime(one.occurred_at, zone),
    },
  ];
}

function whoAndWhy(one: ConsentEntry): string {
  const reason = one.evidence.reason;
  return [one.actor, typeof reason === "string" ? reason : ""].filter(Boolean).join(" · ");
}
