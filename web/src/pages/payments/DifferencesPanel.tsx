import { DownloadOutlined } from "@ant-design/icons";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Modal, Select } from "antd";
import { useState } from "react";
import { differencesFile, differencesQuery, resolveDifference } from "../../api/payments";
import type { BillDifference } from "../../api/types";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { LoadMore } from "../../ui/LoadMore";
import { Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { useSearchState } from "../../ui/useSearchState";
import { Field } from "../channels/content/Field";
import type { TabProps } from "./PaymentsPage";
import styles from "./payments.module.css";
import { DIFFERENCE_STATES, DIFFERENCE_TONES, useFen } from "./words";

const ALL = "all";
const NOTE_MAX = 400;

/** Where bills and ledger disagree: what waits for somebody first, each with what it means. */
export function DifferencesPanel({ merchants }: TabProps) {
  const { t } = useI18n();
  const [chosen, setChosen] = useSearchState("difference");
  const [merchant] = useSearchState("merchant");
  const [day, setDay] = useSearchState("day");
  const state = chosen || "open";
  const filter = {
    state: state === ALL ? undefined : state,
    merchant: merchant || undefined,
    day: day || undefined,
  };
  const found = useInfiniteQuery(differencesQuery(filter));
  const [settling, setSettling] = useState<BillDifference | null>(null);
  const isNarrow = state !== "open" || Boolean(day);
  return (
    <Panel
      flush
      title={t("differences.title")}
      extra={
        <span className={styles.tools}>
          {day && (
            <Button size="small" onClick={() => setDay("")} aria-label={t("differences.everyDay")}>
              {day} ✕
            </Button>
          )}
          <Select
            size="small"
            aria-label={t("differences.state")}
            value={state}
            onChange={(value: string) => setChosen(value === "open" ? "" : value)}
            options={[...DIFFERENCE_STATES, ALL].map((value) => ({
              value,
              label: t(`difference.state.${value as BillDifference["state"] | "all"}`),
            }))}
            style={{ minWidth: 110 }}
          />
          <Button size="small" icon={<DownloadOutlined />} href={differencesFile(filter)} download>
            {t("differences.download")}
          </Button>
        </span>
      }
    >
      <DataTable
        label={t("differences.title")}
        testId="differences-table"
        columns={useDifferenceColumns(merchants, setSettling)}
        rows={found.data?.pages.flatMap((page) => page.items)}
        rowKey={(one) => one.id}
        error={found.error}
        onRetry={found.refetch}
        empty={
          <EmptyState title={t(isNarrow ? "differences.notFound" : "differences.empty")}>
            {t("differences.empty.text")}
          </EmptyState>
        }
      />
      <LoadMore pager={found} />
      {settling && <SettleForm difference={settling} onClose={() => setSettling(null)} />}
    </Panel>
  );
}

function useDifferenceColumns(
  merchants: TabProps["merchants"],
  onSettle: (one: BillDifference) => void,
): Column<BillDifference>[] {
  const { t } = useI18n();
  const fen = useFen();
  const name = (id: string) => merchants.find((one) => one.id === id)?.mch_id ?? id;
  return [
    {
      key: "number",
      title: t("difference.number"),
      lead: true,
      render: (one) => (
        <span className={styles.name}>
          <span className={styles.number}>{one.number}</span>
          {one.own_number && <span className={styles.below}>{one.own_number}</span>}
          <span className={styles.below}>
            {`${one.day} · ${t(`bill.kind.${one.bill}`)} · ${name(one.merchant_id)}`}
          </span>
        </span>
      ),
    },
    {
      key: "kind",
      title: t("difference.what"),
      wide: true,
      width: "34%",
      render: (one) => (
        <span>
          <strong>{`${t(`difference.entry.${one.entry}`)}：${t(`difference.kind.${one.kind}`)}`}</strong>
          <span className={styles.below}>{t(`difference.kind.${one.kind}.text`)}</span>
        </span>
      ),
    },
    { key: "ours", title: t("difference.ours"), align: "end", render: (one) => fen(one.ours_minor) },
    { key: "bill", title: t("difference.bill"), align: "end", render: (one) => fen(one.bill_minor) },
    {
      key: "state",
      title: t("payments.state"),
      wide: true,
      render: (one) => (
        <span>
          <Tag tone={DIFFERENCE_TONES[one.state]}>{t(`difference.state.${one.state}`)}</Tag>
          {one.note && <span className={styles.below}>{one.note}</span>}
          {one.state === "open" && (
            <Button size="small" onClick={() => onSettle(one)}>
              {t("difference.settle")}
            </Button>
          )}
        </span>
      ),
    },
  ];
}

/** What a person found out: a difference without an explanation cannot be settled. */
function SettleForm({ difference, onClose }: { difference: BillDifference; onClose: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [note, setNote] = useState("");
  const settle = useMutation({
    mutationFn: () => resolveDifference(difference.id, note.trim()),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["differences"] });
      queries.invalidateQueries({ queryKey: ["bills"] });
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t("difference.settle")}
      okText={t("difference.settle")}
      okButtonProps={{ disabled: note.trim() === "", loading: settle.isPending }}
      onOk={() => settle.mutate()}
      onCancel={onClose}
    >
      <Field label={t("difference.note")} hint={t("difference.note.hint")}>
        {(id) => (
          <Input.TextArea
            id={id}
            autoFocus
            rows={3}
            maxLength={NOTE_MAX}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        )}
      </Field>
      {settle.error && <ErrorNotice error={settle.error} />}
    </Modal>
  );
}
