import { useQuery } from "@tanstack/react-query";
import { type VariantFigures, variantFiguresQuery } from "../../../api/wecom/welcomes";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { Panel } from "../../../ui/Page";
import { useFormat } from "../../../ui/useFormat";

const FIGURES = [
  ["replied", "wecom.welcomes.results.replied"],
  ["clicked", "wecom.welcomes.results.clicked"],
  ["joined_group", "wecom.welcomes.results.joined"],
  ["lost_7d", "wecom.welcomes.results.lost"],
] as const;
const DAYS = 30;

/** What came of each variant, as far as events tell. */
export function VariantResults({ id }: { id: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const { data, error, refetch } = useQuery(variantFiguresQuery(id, DAYS));
  const columns: Column<VariantFigures>[] = [
    {
      key: "variant",
      title: t("wecom.welcomes.variant"),
      lead: true,
      render: (row) => `${row.slot} · ${row.variant}`,
    },
    {
      key: "sent",
      title: t("wecom.welcomes.results.sent"),
      align: "end",
      render: (row) => format.count(row.sent),
    },
    ...FIGURES.map(([key, title]) => ({
      key,
      title: t(title),
      align: "end" as const,
      render: (row: VariantFigures) =>
        `${format.count(row[key])} (${row.sent ? format.share(row[key], row.sent) : "–"})`,
    })),
  ];
  return (
    <Panel title={t("wecom.welcomes.results")} flush>
      <DataTable
        label={t("wecom.welcomes.results")}
        columns={columns}
        rows={data?.variants}
        rowKey={(row) => `${row.slot}/${row.variant}`}
        error={error}
        onRetry={refetch}
        empty={<p className="soft">{t("wecom.welcomes.results.empty")}</p>}
        testId="welcome-results"
      />
      <small className="muted">{t("wecom.welcomes.results.hint")}</small>
    </Panel>
  );
}
