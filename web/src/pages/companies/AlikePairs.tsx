import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { Link } from "react-router";
import { alikeQuery, type CompanyRow, type Likeness, mergeCompanies, tellApart } from "../../api/companies";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import styles from "./companies.module.css";

/** Companies that may be one, for somebody to decide; of one company, or of all. */
export function AlikePairs({ company }: { company?: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const { data, error, isPending, refetch } = useQuery(alikeQuery(company));
  if (error && !data) return <ErrorNotice error={error} onRetry={refetch} />;
  if (isPending) return <PanelSkeleton rows={4} />;
  return (
    <Panel flush title={t("companies.alike")} extra={t("companies.alike.lead")} testId="alike">
      {data?.items.length === 0 && (
        <EmptyState title={t("companies.alike.empty")}>{t("companies.alike.empty.text")}</EmptyState>
      )}
      {data?.items.map((pair) => (
        <Pair key={`${pair.a.id} ${pair.b.id}`} pair={pair} />
      ))}
      {data?.is_cut && (
        <p className="muted">{t("companies.alike.cut", { count: format.count(data.items.length) })}</p>
      )}
    </Panel>
  );
}

function Pair({ pair }: { pair: Likeness }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const refresh = async () => {
    await queries.invalidateQueries({ queryKey: ["companies"] });
    await queries.invalidateQueries({ queryKey: ["company"] });
  };
  const merge = useMutation({
    mutationFn: ([into, other]: [CompanyRow, CompanyRow]) => mergeCompanies(into.id, other.id),
    onSettled: refresh,
  });
  const apart = useMutation({ mutationFn: () => tellApart(pair.a.id, pair.b.id), onSettled: refresh });
  const error = merge.error ?? apart.error;
  return (
    <article className={styles.alike} data-testid="alike-pair">
      <Side row={pair.a} />
      <Side row={pair.b} />
      <div className={styles.alikeFoot}>
        <span className={styles.roles}>
          <Tag tone={pair.score >= 88 ? "amber" : "plain"}>
            {t("companies.alike.score", { score: pair.score })}
          </Tag>
          {pair.same_domain && <Tag tone="amber">{t("companies.alike.domain")}</Tag>}
        </span>
        <span className={styles.tools}>
          {[[pair.a, pair.b] as const, [pair.b, pair.a] as const].map(([into, other]) => (
            <Popconfirm
              key={into.id}
              title={t("companies.alike.ask", { name: into.name, other: other.name })}
              okText={t("companies.alike.merge")}
              onConfirm={() => merge.mutate([into, other])}
            >
              <Button size="small" loading={merge.isPending}>
                {t("companies.alike.into", { name: into.name })}
              </Button>
            </Popconfirm>
          ))}
          <Button size="small" type="text" loading={apart.isPending} onClick={() => apart.mutate()}>
            {t("companies.alike.apart")}
          </Button>
        </span>
      </div>
      {error && <ErrorNotice error={error} />}
    </article>
  );
}

function Side({ row }: { row: CompanyRow }) {
  const { t } = useI18n();
  const { count } = useFormat();
  return (
    <div className={styles.side}>
      <Link to={`/companies/${row.id}`}>{row.name || row.id}</Link>
      <small>{[row.external_id, row.domain].filter(Boolean).join(" · ") || "–"}</small>
      <small>{t("companies.tree.people", { count: count(row.contacts), n: row.contacts })}</small>
    </div>
  );
}
