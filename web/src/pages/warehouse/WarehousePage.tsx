import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Dropdown, Input, Popover } from "antd";
import { useRef, useState } from "react";
import {
  askSql,
  exportSql,
  type FileFormat,
  savedQueriesQuery,
  saveQuery,
  type WarehouseView,
  warehouseQuery,
} from "../../api/warehouse";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import { useSearchState } from "../../ui/useSearchState";
import { Answer } from "./Answer";
import { Kept } from "./Kept";
import { SqlEditor } from "./SqlEditor";
import { Views } from "./Views";
import styles from "./warehouse.module.css";

const FIRST = `SELECT local_day, count() AS orders, sum(revenue) AS net, uniqExactIf(person, person != 0) AS buyers
FROM orders
GROUP BY local_day
ORDER BY local_day DESC
LIMIT 30`;

interface Open {
  id: string | null;
  name: string;
}

const NEW: Open = { id: null, name: "" };

/** Questions in SQL over the documented views. */
export default function WarehousePage() {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(warehouseQuery);
  return (
    <Page title={t("nav.warehouse")} lead={t("warehouse.lead")}>
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton rows={8} />}
      {data && <Desk views={data.views} />}
    </Page>
  );
}

function Desk({ views }: { views: readonly WarehouseView[] }) {
  const { t } = useI18n();
  const [given] = useSearchState("sql");
  const [text, setText] = useState(given || FIRST);
  const [open, setOpen] = useState(NEW);
  const asking = useAsking();
  return (
    <div className={styles.desk}>
      <div className={styles.work}>
        <Panel testId="sql-desk">
          <SqlEditor value={text} views={views} onChange={setText} onRun={() => asking.run(text)} />
          <div className={styles.bar}>
            {asking.isRunning ? (
              <Button onClick={asking.stop}>{t("warehouse.stop")}</Button>
            ) : (
              <Button type="primary" onClick={() => asking.run(text)}>
                {t("warehouse.run")}
              </Button>
            )}
            <span className="muted">{t("warehouse.keys")}</span>
            <span className={styles.right}>
              <Keeping text={text} open={open} onKept={setOpen} />
              <TakeOut text={text} />
            </span>
          </div>
        </Panel>
        <Outcome asking={asking} />
      </div>
      <aside className={styles.aside}>
        <Panel title={t("warehouse.kept")}>
          <Kept
            open={open.id}
            onOpen={(query) => {
              setOpen(query);
              setText(query.sql);
            }}
            onDropped={(id) => id === open.id && setOpen(NEW)}
          />
        </Panel>
        <Panel title={t("warehouse.views")} testId="warehouse-views">
          <Views views={views} />
        </Panel>
      </aside>
    </div>
  );
}

/** One question at a time; another one, or the button, stops the one under way on the server too. */
function useAsking() {
  const control = useRef<AbortController | null>(null);
  const { mutate, data, error, isPending, reset } = useMutation({
    mutationFn: (sql: string) => {
      control.current?.abort();
      control.current = new AbortController();
      return askSql(sql, control.current.signal);
    },
  });
  const stop = () => {
    control.current?.abort();
    reset();
  };
  return { run: mutate, stop, answer: data, error, isRunning: isPending };
}

function Outcome({ asking }: { asking: ReturnType<typeof useAsking> }) {
  const { t } = useI18n();
  const format = useFormat();
  const { answer, error, isRunning } = asking;
  if (isRunning) return <PanelSkeleton rows={4} />;
  if (error) return <ErrorNotice error={error} />;
  if (!answer) return null;
  const title = t(answer.is_cut ? "warehouse.rowsCut" : "warehouse.rows", {
    count: format.count(answer.rows.length),
    n: answer.rows.length,
    ms: format.count(answer.took_ms),
  });
  return (
    <Panel title={title} flush>
      <Answer answer={answer} />
    </Panel>
  );
}

function TakeOut({ text }: { text: string }) {
  const { t } = useI18n();
  const take = useMutation({
    mutationFn: async (format: FileFormat) => download(await exportSql(text, format), `answer.${format}`),
  });
  const items = [
    { key: "parquet", label: "Parquet" },
    { key: "csv", label: "CSV" },
  ];
  return (
    <Popover open={take.isError} content={take.error && <ErrorNotice error={take.error} />}>
      <Dropdown menu={{ items, onClick: ({ key }) => take.mutate(key as FileFormat) }}>
        <Button loading={take.isPending}>{t("warehouse.export")}</Button>
      </Dropdown>
    </Popover>
  );
}

function Keeping({ text, open, onKept }: { text: string; open: Open; onKept: (open: Open) => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [name, setName] = useState<string | null>(null);
  const keep = useMutation({
    mutationFn: (draft: Open) => saveQuery(draft.id, { name: draft.name, sql: text }),
    onSuccess: (id, draft) => {
      onKept({ id, name: draft.name });
      setName(null);
      return queries.invalidateQueries({ queryKey: savedQueriesQuery.queryKey });
    },
  });
  const form = (
    <form
      className={styles.naming}
      onSubmit={(event) => {
        event.preventDefault();
        keep.mutate({ id: null, name: name ?? "" });
      }}
    >
      <Input
        autoFocus
        maxLength={80}
        value={name ?? ""}
        aria-label={t("warehouse.name")}
        placeholder={t("warehouse.name")}
        onChange={(event) => setName(event.target.value)}
      />
      <Button htmlType="submit" type="primary" loading={keep.isPending} disabled={!name?.trim()}>
        {t("warehouse.keep")}
      </Button>
      {keep.error && <ErrorNotice error={keep.error} />}
    </form>
  );
  return (
    <>
      {open.id && (
        <Button loading={keep.isPending} onClick={() => keep.mutate(open)}>
          {t("warehouse.keepAgain", { name: open.name })}
        </Button>
      )}
      <Popover
        trigger="click"
        open={name !== null}
        onOpenChange={(shown) => setName(shown ? "" : null)}
        content={form}
      >
        <Button>{t("warehouse.keepAs")}</Button>
      </Popover>
    </>
  );
}

function download(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
