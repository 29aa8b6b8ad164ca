import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { type Broadcast, type BroadcastPerson, broadcastPeopleQuery } from "../../api/broadcasts";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { LoadMore } from "../../ui/LoadMore";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import { useSearchState } from "../../ui/useSearchState";
import { StateTag } from "../messages/StateTag";
import { PersonName } from "../people/PersonName";
import { PersonSearch } from "../people/PersonSearch";
import styles from "./broadcasts.module.css";
import { PERSON_STATES } from "./words";

/** Everybody of a run's audience, by what became of them; the counts add up to the audience. */
export function PeoplePanel({ broadcast }: { broadcast: Broadcast }) {
  const { t } = useI18n();
  const format = useFormat();
  const zone = useZone();
  const [state, setState] = useSearchState("state");
  const [person, setPerson] = useSearchState("person");
  const [run, setRun] = useState(broadcast.run);
  const shown = broadcast.runs.find((one) => one.run === run) ?? broadcast.runs[0];
  const people = useInfiniteQuery(
    broadcastPeopleQuery(broadcast.id, {
      run: String(run),
      state: person ? undefined : state || undefined,
      person: person || undefined,
    }),
  );
  const columns: Column<BroadcastPerson>[] = [
    {
      key: "person",
      title: t("messages.to"),
      lead: true,
      render: (row) => <PersonName id={row.person_id} name={row.display_name} />,
    },
    {
      key: "state",
      title: t("bct.status"),
      render: (row) => <Fate row={row} />,
    },
    {
      key: "due",
      title: t("bct.people.due"),
      align: "end",
      render: (row) => formatDateTime(row.due_at, zone),
    },
  ];
  return (
    <Panel
      title={t("bct.people")}
      flush
      testId="broadcast-people"
      extra={
        broadcast.runs.length > 1 && (
          <Select
            aria-label={t("bct.people")}
            value={run}
            onChange={setRun}
            options={broadcast.runs.map((one) => ({
              value: one.run,
              label: t("bct.run", { run: String(one.run) }),
            }))}
          />
        )
      }
    >
      <div className={styles.somebody}>
        <PersonSearch onPick={setPerson} />
        {person && <Button onClick={() => setPerson("")}>{t("filter.clear")}</Button>}
      </div>
      <div className={styles.chips}>
        <Button size="small" type={state ? "default" : "primary"} onClick={() => setState("")}>
          {t("bct.people.all")} {format.count(shown?.audience ?? 0)}
        </Button>
        {PERSON_STATES.filter((one) => shown?.by_state[one]).map((one) => (
          <Button
            key={one}
            size="small"
            type={state === one ? "primary" : "default"}
            onClick={() => setState(one)}
          >
            {t(`bct.person.${one}`)} {format.count(shown?.by_state[one] ?? 0)}
          </Button>
        ))}
      </div>
      <DataTable
        label={t("bct.people")}
        testId="broadcast-people-table"
        columns={columns}
        rows={people.data?.pages.flatMap((page) => page.items)}
        rowKey={(row) => row.person_id}
        error={people.error}
        onRetry={people.refetch}
        empty={
          person ? (
            <EmptyState title={t("bct.people.notThere")}>
              {t("bct.people.notThere.text")}{" "}
              <Link to={`/segments/${broadcast.plan.segment_id}`}>{t("explain.why")}</Link>
            </EmptyState>
          ) : (
            <EmptyState title={t("bct.people.none")} />
          )
        }
      />
      <LoadMore pager={people} />
    </Panel>
  );
}

/** What became of somebody: the state of their message, if one was planned. */
function Fate({ row }: { row: BroadcastPerson }) {
  const { t, locale } = useI18n();
  if (!row.message_state) return t(`bct.person.${row.state}`);
  return (
    <>
      <StateTag state={row.message_state} /> {row.reason_text?.[locale]}
    </>
  );
}
