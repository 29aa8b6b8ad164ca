import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { type Company, companyOrdersQuery, undoMerge } from "../../api/companies";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import styles from "./companies.module.css";

/** How large a company is, what it bought, what is said of it, and whom it took in. */
export function CompanyAside({ company, isWhole }: { company: Company; isWhole: boolean }) {
  return (
    <div className={styles.aside}>
      <Size company={company} isWhole={isWhole} />
      <Attributes company={company} />
      {company.merged.length > 0 && <Merged company={company} />}
    </div>
  );
}

function Size({ company, isWhole }: { company: Company; isWhole: boolean }) {
  const { t } = useI18n();
  const format = useFormat();
  const { row } = company;
  const { data: orders, error, refetch } = useQuery(companyOrdersQuery(row.id, isWhole));
  return (
    <Panel title={t("companies.size")} testId="company-size">
      <ul className={styles.facts}>
        <li>
          <span>{t("companies.size.contacts")}</span>
          <strong className="num">{format.count(row.contacts)}</strong>
        </li>
        {row.children > 0 && (
          <li>
            <span>{t("companies.size.everybody")}</span>
            <strong className="num">{format.count(company.everybody)}</strong>
          </li>
        )}
        {orders && (
          <li>
            <span>{t("companies.size.buyers")}</span>
            <strong className="num">{format.count(orders.buyers)}</strong>
          </li>
        )}
        <li>
          <span>{t("companies.orders")}</span>
          <strong className="num">
            {orders?.totals.map((one) => (
              <span key={one.currency} className={styles.sums}>
                {t("companies.orders.one", {
                  count: format.count(one.orders),
                  n: one.orders,
                  amount: format.money(one.amount, one.currency),
                })}
              </span>
            ))}
            {orders?.totals.length === 0 && "–"}
          </strong>
          {orders?.totals.length === 0 && <small>{t("companies.orders.none")}</small>}
        </li>
        <li>
          <span>{t("companies.owner")}</span>
          <strong>{row.owner ? row.owner.name || t("companies.owner.left") : "–"}</strong>
        </li>
        <li>
          <span>{t("companies.domain")}</span>
          <strong>{row.domain || "–"}</strong>
        </li>
      </ul>
      {error && !orders && <ErrorNotice error={error} onRetry={refetch} />}
    </Panel>
  );
}

function Attributes({ company }: { company: Company }) {
  const { t } = useI18n();
  const ago = useAgo();
  const shown = (value: string | number | boolean) =>
    typeof value === "boolean" ? t(value ? "companies.yes" : "companies.no") : String(value);
  return (
    <Panel title={t("companies.attributes")} testId="company-attributes">
      {company.attributes.length === 0 && <p className="muted">{t("companies.attributes.empty")}</p>}
      <ul className={styles.facts}>
        {company.attributes.map((one) => (
          <li key={one.key}>
            <span>{one.key}</span>
            <strong>{shown(one.value)}</strong>
            <small>{t("companies.attributes.told", { source: one.source, when: ago(one.told_at) })}</small>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Merged({ company }: { company: Company }) {
  const { t } = useI18n();
  const ago = useAgo();
  const queries = useQueryClient();
  const undo = useMutation({
    mutationFn: undoMerge,
    onSettled: async () => {
      await queries.invalidateQueries({ queryKey: ["company"] });
      await queries.invalidateQueries({ queryKey: ["companies"] });
    },
  });
  return (
    <Panel title={t("companies.merged")} testId="company-merged">
      <ul className={styles.facts}>
        {company.merged.map((one) => (
          <li key={one.id}>
            <span>{one.other.name || one.other.id}</span>
            <strong>
              <Popconfirm
                title={t("companies.merged.ask", { name: one.other.name })}
                okText={t("companies.merged.undo")}
                onConfirm={() => undo.mutate(one.id)}
              >
                <Button size="small" loading={undo.isPending}>
                  {t("companies.merged.undo")}
                </Button>
              </Popconfirm>
            </strong>
            <small>
              {t("companies.merged.told", { actor: one.actor, when: ago(one.merged_at) })}
              {one.reason && ` · ${one.reason}`}
            </small>
          </li>
        ))}
      </ul>
      {undo.error && <ErrorNotice error={undo.error} />}
    </Panel>
  );
}
