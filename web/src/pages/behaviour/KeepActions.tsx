import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Input, Popover, Select } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import {
  type AskedAnalysis,
  analysesQuery,
  boardsQuery,
  dropAnalysis,
  pinCard,
  type SavedAnalysis,
  saveAnalysis,
} from "../../api/dashboards";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { newCardId } from "../dashboards/cards";
import styles from "./behaviour.module.css";

/** Keep what was asked under a name, put it on a board, or open what was kept before. */
export function KeepActions({ asked }: { asked: AskedAnalysis | null }) {
  const { t } = useI18n();
  const [listed, setListed] = useState(false);
  return (
    <>
      <Button onClick={() => setListed(true)}>{t("analysis.list")}</Button>
      {asked && (
        <>
          <Popover trigger="click" content={<Save asked={asked} />} destroyOnHidden>
            <Button>{t("analysis.save")}</Button>
          </Popover>
          <Popover trigger="click" content={<Pin asked={asked} />} destroyOnHidden>
            <Button>{t("analysis.pin")}</Button>
          </Popover>
        </>
      )}
      <Drawer open={listed} onClose={() => setListed(false)} title={t("analysis.list")} destroyOnHidden>
        <Kept onOpened={() => setListed(false)} />
      </Drawer>
    </>
  );
}

function Save({ asked }: { asked: AskedAnalysis }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const save = useMutation({
    mutationFn: () => saveAnalysis(name.trim(), asked),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["analyses"] }),
  });
  if (save.data) return <span role="status">{t("analysis.saved", { name: save.data.name })}</span>;
  return (
    <div className={styles.keep}>
      <Input
        value={name}
        maxLength={80}
        aria-label={t("analysis.name")}
        placeholder={t("analysis.name")}
        onChange={(event) => setName(event.target.value)}
      />
      <Button
        type="primary"
        disabled={name.trim() === ""}
        loading={save.isPending}
        onClick={() => save.mutate()}
      >
        {t("analysis.keep")}
      </Button>
      {save.error && <ErrorNotice error={save.error} />}
    </div>
  );
}

function Pin({ asked }: { asked: AskedAnalysis }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const { data } = useQuery(boardsQuery);
  const [board, setBoard] = useState<string>();
  const [title, setTitle] = useState("");
  const pin = useMutation({
    mutationFn: (id: string) =>
      pinCard(id, { id: newCardId(), title: title.trim(), width: 6, keeps_period: false, shows: asked }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["boards"] }),
  });
  if (pin.data) {
    return (
      <Link to={`/dashboards/${pin.data.id}`} role="status">
        {t("analysis.pinned", { name: pin.data.draft.name })}
      </Link>
    );
  }
  return (
    <div className={styles.keep}>
      <Select
        aria-label={t("analysis.board")}
        placeholder={t("analysis.board")}
        value={board}
        options={data?.items.map((one) => ({ value: one.id, label: one.name }))}
        onChange={setBoard}
        showSearch={{ optionFilterProp: "label" }}
        style={{ minWidth: 180 }}
      />
      <Input
        value={title}
        maxLength={80}
        aria-label={t("board.cardTitle")}
        placeholder={t("board.cardTitle")}
        onChange={(event) => setTitle(event.target.value)}
      />
      <Button
        type="primary"
        disabled={!board}
        loading={pin.isPending}
        onClick={() => board && pin.mutate(board)}
      >
        {t("analysis.pinHere")}
      </Button>
      {pin.error && <ErrorNotice error={pin.error} />}
    </div>
  );
}

/** Where a kept analysis opens, with its question in the address. */
export function pathOf({ asked }: Pick<SavedAnalysis, "asked">): string {
  const question = encodeURIComponent(JSON.stringify(asked.question));
  return `/behaviour?tab=${asked.kind}&${asked.kind}=${question}`;
}

function Kept({ onOpened }: { onOpened: () => void }) {
  const { t } = useI18n();
  const ago = useAgo();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(analysesQuery);
  const settle = () => queries.invalidateQueries({ queryKey: ["analyses"] });
  const drop = useMutation({ mutationFn: dropAnalysis, onSuccess: settle });
  const copy = useMutation({
    mutationFn: (one: SavedAnalysis) =>
      saveAnalysis(t("metric.copyOf", { name: one.name }).slice(0, 80), one.asked),
    onSuccess: settle,
  });
  if (error && !data) return <ErrorNotice error={error} onRetry={refetch} />;
  if (data?.items.length === 0) return <EmptyState title={t("analysis.none")} />;
  return (
    <ul className={styles.kept} data-testid="kept-analyses">
      {data?.items.map((one) => (
        <li key={one.id}>
          <Link to={`/behaviour/saved/${one.id}`} onClick={onOpened}>
            {one.name}
          </Link>
          <small className="muted">
            {t(`behaviour.tab.${one.asked.kind}`)} · {one.saved_by} · {ago(one.saved_at)}
          </small>
          <span>
            <Button size="small" type="text" onClick={() => copy.mutate(one)}>
              {t("metric.duplicate")}
            </Button>
            <Button size="small" type="text" onClick={() => drop.mutate(one.id)}>
              {t("segment.remove")}
            </Button>
          </span>
        </li>
      ))}
    </ul>
  );
}
