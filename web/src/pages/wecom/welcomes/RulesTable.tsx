import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { liveCodesQuery } from "../../../api/wecom/codes";
import type { Welcome } from "../../../api/wecom/welcomes";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";

interface RulesTableProps {
  rows: readonly Welcome[] | undefined;
  error: Error | null;
  onRetry: () => void;
  empty: ReactNode;
}

const TARGETS_SHOWN = 3;

export function RulesTable({ rows, error, onRetry, empty }: RulesTableProps) {
  const { t } = useI18n();
  const format = useFormat();
  const columns: Column<Welcome>[] = [
    {
      key: "name",
      title: t("wecom.welcomes.name"),
      lead: true,
      render: (row) => <Link to={`/welcomes/${row.id}`}>{row.name}</Link>,
    },
    { key: "scope", title: t("wecom.welcomes.scope"), render: (row) => <ForWhom row={row} /> },
    { key: "state", title: t("wecom.welcomes.enabled"), render: (row) => <State row={row} /> },
    {
      key: "greeted",
      title: t("wecom.welcomes.greeted"),
      align: "end",
      render: (row) => format.count(row.greeted_30d),
    },
  ];
  return (
    <DataTable
      label={t("nav.welcomes")}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.id}
      error={error}
      onRetry={onRetry}
      empty={empty}
      testId="welcomes-table"
    />
  );
}

function ForWhom({ row }: { row: Welcome }) {
  const { t } = useI18n();
  const nameOf = useCodeNames(row.scope === "code");
  const shown = row.targets.slice(0, TARGETS_SHOWN).map(nameOf).join(", ");
  return (
    <span>
      {t(`wecom.welcomes.scope.${row.scope}`)}
      {shown && (
        <small className="muted">
          {" "}
          {shown}
          {row.targets.length > TARGETS_SHOWN && " …"}
        </small>
      )}
    </span>
  );
}

/** Codes have names; until they are known, and for those beyond the first page, the id stands. */
function useCodeNames(enabled: boolean): (id: string) => string {
  const codes = useInfiniteQuery({ ...liveCodesQuery({}), enabled });
  const known = new Map(codes.data?.pages.flatMap((page) => page.items).map((code) => [code.id, code.name]));
  return (id) => known.get(id) ?? id;
}

function State({ row }: { row: Welcome }) {
  const { t } = useI18n();
  if (!row.enabled) return <Tag>{t("wecom.welcomes.off")}</Tag>;
  return (
    <span>
      <Tag tone="jade">{t("wecom.welcomes.speaks", { slot: row.speaks_now })}</Tag>
      {row.missing_media.length > 0 && (
        <>
          {" "}
          <Tag tone="amber">{t("wecom.welcomes.missing", { n: row.missing_media.length })}</Tag>
        </>
      )}
    </span>
  );
}
