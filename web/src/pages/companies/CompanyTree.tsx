import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { companyTreeQuery } from "../../api/companies";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import styles from "./companies.module.css";

const INDENT_PX = 18;

/** The whole tree a company stands in. */
export function CompanyTree({ company }: { company: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const { data, error, isPending, refetch } = useQuery(companyTreeQuery(company));
  if (isPending) return <PanelSkeleton rows={4} />;
  return (
    <Panel title={t("companies.tab.tree")} testId="company-tree">
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      <ul className={styles.tree}>
        {data?.items.map((one) => (
          <li key={one.id} style={{ paddingInlineStart: one.depth * INDENT_PX }}>
            {one.id === company ? (
              <strong aria-current="page">{one.name || one.id}</strong>
            ) : (
              <Link to={`/companies/${one.id}?tab=tree`}>{one.name || one.id}</Link>
            )}
            <small>
              {t("companies.tree.people", { count: format.count(one.contacts), n: one.contacts })}
            </small>
          </li>
        ))}
      </ul>
      {data?.is_cut && (
        <p className="muted">{t("companies.tree.cut", { count: format.count(data.items.length) })}</p>
      )}
    </Panel>
  );
}
