import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { journeysQuery, messagesQuery, messagesSummaryQuery } from "../../api/queries";
import type { Message } from "../../api/types";
import { useNow, useZone } from "../../app/session";
import { formatDateTime, formatMoment } from "../../format/times";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { LoadMore } from "../../ui/LoadMore";
import { Page, Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import { useSearchState } from "../../ui/useSearchState";
import { PersonName } from "../people/PersonName";
import { Campaigns } from "./Campaigns";
import { HeldNotice } from "./HeldNotice";
import { MessageDrawer } from "./MessageDrawer";
import styles from "./messages.module.css";
import { StateTag } from "./StateTag";
import { CHANNELS, isMessageState, STATES, useMessageReason } from "./words";

export default function MessagesPage() {
  const { t } = useI18n();
  const [state, setState] = useSearchState("state");
  const [journey, setJourney] = useSearchState("journey");
  const [channel, setChannel] = useSearchState("channel");
  const of = { journey: journey || undefined, channel: channel || undefined };
  const messages = useInfiniteQuery(messagesQuery({ ...of, state: state || undefined }));
  return (
    <Page
      title={t("nav.messages")}
      lead={t("messages.lead")}
      actions={
        <>
          <ChannelFilter value={channel} onChange={setChannel} />
          <JourneyFilter value={journey} onChange={setJourney} />
        </>
      }
    >
      <HeldNotice />
      <Campaigns />
      <StateBar of={of} value={state} onChange={setState} />
      <Panel flush>
        <MessagesTable
          rows={messages.data?.pages.flatMap((page) => page.items)}
          error={messages.error}
          onRetry={messages.refetch}
          isFiltered={Boolean(state || journey || channel)}
        />
        <LoadMore pager={messages} />
      </Panel>
    </Page>
  );
}

function ChannelFilter({ value, onChange }: { value: string; onChange: (channel: string) => void }) {
  const { t } = useI18n();
  return (
    <Select
      allowClear
      aria-label={t("messages.channel")}
      placeholder={t("messages.channel")}
      value={value || undefined}
      onChange={(channel: string | undefined) => onChange(channel ?? "")}
      options={CHANNELS.map((channel) => ({ value: channel, label: t(`channel.${channel}`) }))}
      style={{ width: 150, maxWidth: "100%" }}
    />
  );
}

function JourneyFilter({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const { t } = useI18n();
  const { data } = useQuery(journeysQuery);
  return (
    <Select
      allowClear
      aria-label={t("messages.journey")}
      placeholder={t("messages.journey")}
      value={value || undefined}
      onChange={(id: string | undefined) => onChange(id ?? "")}
      options={data?.items.map((journey) => ({ value: journey.id, label: journey.name }))}
      style={{ width: 200, maxWidth: "100%" }}
    />
  );
}

/** Every state with its count is also the filter by that state. */
function StateBar({
  of,
  value,
  onChange,
}: {
  of: { journey?: string; channel?: string };
  value: string;
  onChange: (state: string) => void;
}) {
  const { t } = useI18n();
  const format = useFormat();
  const { data } = useQuery({ ...messagesSummaryQuery(of), placeholderData: keepPreviousData });
  const counts: Partial<Record<string, number>> = data?.by_state ?? {};
  const total = Object.values(counts).reduce<number>((sum, count) => sum + (count ?? 0), 0);
  const chips = ["", ...STATES];
  return (
    <div
      className={styles.states}
      role="toolbar"
      aria-label={t("messages.byState")}
      data-testid="message-states"
    >
      {chips.map((state) => (
        <button
          key={state}
          type="button"
          aria-pressed={value === state}
          onClick={() => onChange(state)}
          className={styles.state}
        >
          <span>{isMessageState(state) ? t(`state.${state}`) : t("messages.all")}</span>
          <strong className="num">{data ? format.compact(state ? (counts[state] ?? 0) : total) : "–"}</strong>
        </button>
      ))}
    </div>
  );
}

interface MessagesTableProps {
  rows: readonly Message[] | undefined;
  error: Error | null;
  onRetry: () => void;
  isFiltered: boolean;
}

function MessagesTable({ rows, error, onRetry, isFiltered }: MessagesTableProps) {
  const { t } = useI18n();
  const zone = useZone();
  const now = useNow(60_000);
  const [asked, setAsked] = useState<string | null>(null);
  const columns: Column<Message>[] = [
    {
      key: "person",
      title: t("messages.to"),
      lead: true,
      width: "22%",
      render: (message) => <PersonName id={message.person_id} name={message.display_name} />,
    },
    { key: "state", title: t("messages.state"), render: (message) => <State message={message} /> },
    {
      key: "content",
      title: t("messages.content"),
      wide: true,
      width: "42%",
      render: (message) => <Content message={message} />,
    },
    { key: "kind", title: t("messages.kind"), render: (message) => <Kind message={message} /> },
    {
      key: "at",
      title: t("messages.updated"),
      align: "end",
      render: (message) => (
        <time title={formatDateTime(message.updated_at, zone)}>
          {formatMoment(message.updated_at, now, zone)}
        </time>
      ),
    },
    {
      key: "why",
      title: "",
      align: "end",
      render: (message) => (
        <Button size="small" type="text" onClick={() => setAsked(message.id)}>
          {t("messages.why")}
        </Button>
      ),
    },
  ];
  return (
    <>
      <MessageDrawer id={asked} onClose={() => setAsked(null)} />
      <DataTable
        label={t("nav.messages")}
        testId="messages-table"
        columns={columns}
        rows={rows}
        rowKey={(message) => message.id}
        error={error}
        onRetry={onRetry}
        empty={
          <EmptyState
            title={t(isFiltered ? "messages.none" : "messages.empty")}
            action={!isFiltered && <Link to="/journeys">{t("journeys.create")}</Link>}
          >
            {t(isFiltered ? "messages.none.text" : "messages.empty.text")}
          </EmptyState>
        }
      />
    </>
  );
}

function State({ message }: { message: Message }) {
  const { t } = useI18n();
  return (
    <>
      <StateTag state={message.state} /> {message.is_test && <Tag>{t("mtp.isTest")}</Tag>}
    </>
  );
}

function Content({ message }: { message: Message }) {
  const reason = useMessageReason()(message);
  return (
    <div className={styles.content}>
      {reason && <p className={styles.reason}>{reason}</p>}
      {message.body && <p className={styles.body}>{message.body}</p>}
    </div>
  );
}

function Kind({ message }: { message: Message }) {
  const { t, has } = useI18n();
  const key = `messageKind.${message.kind}`;
  return (
    <div>
      {has(key) ? t(key) : message.kind}
      {message.journey_id && (
        <Link to={`/journeys/${message.journey_id}`} className={styles.from}>
          {t("messages.fromJourney")}
        </Link>
      )}
    </div>
  );
}
