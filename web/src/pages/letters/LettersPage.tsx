import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { LETTER_STATES, type LetterState, letterSummaryQuery, lettersQuery } from "../../api/letters";
import type { DeadLetter, Deed, LetterGroup } from "../../api/types";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { LoadMore } from "../../ui/LoadMore";
import { Page, Panel } from "../../ui/Page";
import { useEventName } from "../../ui/useEventName";
import { useFormat } from "../../ui/useFormat";
import { LetterActions } from "./LetterActions";
import { LetterEventButton } from "./LetterEventButton";
import styles from "./letters.module.css";

/** Events that one subscriber could not take: what is wrong, trying again, and giving up with a reason. */
export default function LettersPage() {
  const { t } = useI18n();
  const [chosen, choose] = useState<{ subscriber: string; error: string }>();
  const [state, setState] = useState<LetterState>("waiting");
  const { data, error, refetch } = useQuery(letterSummaryQuery);
  return (
    <Page title={t("nav.letters")} lead={t("letters.lead")}>
      <Panel flush title={t("letters.groups")} testId="letter-groups">
        <DataTable
          label={t("letters.groups")}
          columns={useGroupColumns((one) => {
            choose({ subscriber: one.subscriber, error: one.error });
            setState("waiting");
          })}
          rows={data?.groups}
          rowKey={(one) => `${one.subscriber} ${one.error}`}
          error={error}
          onRetry={refetch}
          empty={<EmptyState title={t("letters.none")}>{t("letters.none.text")}</EmptyState>}
        />
      </Panel>
      <Letters state={state} onState={setState} chosen={chosen} onAll={() => choose(undefined)} />
      {data && data.deeds.length > 0 && <Deeds deeds={data.deeds} />}
    </Page>
  );
}

function useGroupColumns(onChoose: (one: LetterGroup) => void): Column<LetterGroup>[] {
  const { t } = useI18n();
  const ago = useAgo();
  const format = useFormat();
  return [
    {
      key: "subscriber",
      title: t("letters.subscriber"),
      lead: true,
      width: "28%",
      render: (one) => <code className={`mono ${styles.wrap}`}>{one.subscriber}</code>,
    },
    { key: "error", title: t("letters.error"), render: (one) => <ErrorWords error={one.error} /> },
    {
      key: "letters",
      title: t("letters.count"),
      align: "end",
      render: (one) => (
        <button type="button" className={styles.link} onClick={() => onChoose(one)}>
          {format.count(one.letters)}
        </button>
      ),
    },
    { key: "last", title: t("letters.lastAt"), align: "end", render: (one) => ago(one.last_at) },
    {
      key: "do",
      title: t("letters.do"),
      wide: true,
      align: "end",
      render: (one) => <LetterActions which={{ subscriber: one.subscriber, error: one.error }} />,
    },
  ];
}

interface LettersProps {
  state: LetterState;
  onState: (state: LetterState) => void;
  chosen: { subscriber: string; error: string } | undefined;
  onAll: () => void;
}

function Letters({ state, onState, chosen, onAll }: LettersProps) {
  const { t } = useI18n();
  const found = useInfiniteQuery(lettersQuery(state, chosen?.subscriber, chosen?.error));
  const tools = (
    <span className={styles.tools}>
      {chosen && (
        <button type="button" className={styles.link} onClick={onAll}>
          {t("letters.all", { subscriber: chosen.subscriber })}
        </button>
      )}
      <Select
        size="small"
        aria-label={t("letters.state")}
        value={state}
        onChange={onState}
        options={LETTER_STATES.map((each) => ({ value: each, label: t(`letterState.${each}`) }))}
        style={{ minWidth: 110 }}
      />
    </span>
  );
  return (
    <Panel flush title={t("letters.list")} extra={tools} testId="letter-list">
      <DataTable
        label={t("letters.list")}
        columns={useLetterColumns()}
        rows={found.data?.pages.flatMap((page) => page.items)}
        rowKey={(one) => `${one.subscriber} ${one.position}`}
        error={found.error}
        onRetry={found.refetch}
        empty={<p className={styles.note}>{t("letters.list.none")}</p>}
      />
      <LoadMore pager={found} />
    </Panel>
  );
}

function useLetterColumns(): Column<DeadLetter>[] {
  const { t } = useI18n();
  const ago = useAgo();
  const inWords = useEventName();
  return [
    {
      key: "event",
      title: t("catalogue.event"),
      lead: true,
      width: "26%",
      render: (one) => (
        <span className={styles.cell}>
          <span>{one.event ? inWords(one.event) : t("letters.gone")}</span>
          {one.person_id && <Link to={`/people/${one.person_id}`}>{t("catalogue.person")}</Link>}
        </span>
      ),
    },
    {
      key: "why",
      title: t("letters.error"),
      wide: true,
      render: (one) => (
        <span className={styles.cell}>
          <code className={`mono ${styles.wrap}`}>{one.subscriber}</code>
          {one.discarded_at ? one.discard_reason : <ErrorWords error={one.error} />}
        </span>
      ),
    },
    {
      key: "at",
      title: t("letters.lastAt"),
      align: "end",
      render: (one) => ago(one.discarded_at ?? one.replayed_at ?? one.failed_at),
    },
    {
      key: "do",
      title: t("letters.do"),
      wide: true,
      align: "end",
      render: (one) => (
        <span className={styles.tools}>
          {one.event && <LetterEventButton subscriber={one.subscriber} position={one.position} />}
          {!one.replayed_at && !one.discarded_at && (
            <LetterActions which={{ subscriber: one.subscriber, position: one.position }} />
          )}
        </span>
      ),
    },
  ];
}

/** The kind of error is the platform's own word; what it usually means stands beside it. */
function ErrorWords({ error }: { error: string }) {
  const { t } = useI18n();
  return (
    <span className={styles.wrap}>
      {error === "SubscriberGone" ? t("letters.error.gone") : <code className="mono">{error}</code>}
    </span>
  );
}

function Deeds({ deeds }: { deeds: readonly Deed[] }) {
  const { t } = useI18n();
  const ago = useAgo();
  return (
    <Panel title={t("letters.deeds")} testId="letter-deeds">
      <ul className={styles.deeds}>
        {deeds.map((one) => (
          <li key={`${one.at} ${one.deed} ${one.position} ${one.error}`}>
            <span className="muted">{ago(one.at)}</span> {one.who || "–"}{" "}
            {t(`letterDeed.${one.deed === "discard" ? "discard" : "replay"}`, {
              done: one.done,
              failed: one.failed,
            })}{" "}
            <code className="mono">{[one.subscriber, one.error].filter(Boolean).join(" ")}</code> {one.reason}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
