import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { blocklistQuery, unblock } from "../../../api/messageRules";
import type { BlockedEntry } from "../../../api/types";
import { useMay, useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { LoadMore } from "../../../ui/LoadMore";
import { Panel } from "../../../ui/Page";
import { PersonName } from "../../people/PersonName";

/** Who the brand does not write to, and a way off the list; one gets on it from a person's page. */
export function BlocklistPanel() {
  const { t } = useI18n();
  const zone = useZone();
  const may = useMay();
  const queries = useQueryClient();
  const blocked = useInfiniteQuery(blocklistQuery);
  const remove = useMutation({
    mutationFn: unblock,
    onSuccess: () => queries.invalidateQueries({ queryKey: ["blocklist"] }),
  });
  const columns: Column<BlockedEntry>[] = [
    {
      key: "person",
      title: t("messages.to"),
      lead: true,
      render: (row) => <PersonName id={row.person_id} name={row.display_name} />,
    },
    { key: "scope", title: t("block.scope"), render: (row) => t(`block.scope.${row.scope}`) },
    { key: "note", title: t("block.note"), wide: true, render: (row) => row.note || "–" },
    {
      key: "by",
      title: t("block.by"),
      render: (row) => `${row.actor} · ${formatDateTime(row.blocked_at, zone)}`,
    },
    {
      key: "until",
      title: t("block.until"),
      render: (row) => (row.ends_at ? formatDateTime(row.ends_at, zone) : t("block.forGood")),
    },
    {
      key: "off",
      title: "",
      render: (row) =>
        may("messages.send") && (
          <Button size="small" loading={remove.isPending} onClick={() => remove.mutate(row.person_id)}>
            {t("block.remove")}
          </Button>
        ),
    },
  ];
  return (
    <Panel flush title={t("block.title")} testId="blocklist">
      {remove.error && <ErrorNotice error={remove.error} onRetry={remove.reset} />}
      <DataTable
        label={t("block.title")}
        columns={columns}
        rows={blocked.data?.pages.flatMap((page) => page.items)}
        rowKey={(row) => row.person_id}
        error={blocked.error}
        onRetry={blocked.refetch}
        empty={<EmptyState title={t("block.none")}>{t("block.none.text")}</EmptyState>}
      />
      <LoadMore pager={blocked} />
    </Panel>
  );
}
