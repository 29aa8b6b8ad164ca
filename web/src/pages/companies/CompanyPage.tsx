import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm, Switch, Tabs } from "antd";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { type Company, companyQuery, deleteCompany } from "../../api/companies";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page } from "../../ui/Page";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { useSearchState } from "../../ui/useSearchState";
import { AlikePairs } from "./AlikePairs";
import { CompanyAside } from "./CompanyAside";
import { CompanyForm } from "./CompanyForm";
import { CompanyMoments } from "./CompanyMoments";
import { CompanyTree } from "./CompanyTree";
import { Contacts } from "./Contacts";
import styles from "./companies.module.css";

/** Everything known of one company. */
export default function CompanyPage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const { data: company, error, refetch } = useQuery(companyQuery(id));
  const [isWhole, setWhole] = useState(false);
  if (!company && !error) return <PageSkeleton />;
  return (
    <Page
      title={company ? company.row.name || company.row.id : t("nav.companies")}
      back={{ to: "/companies", label: t("nav.companies") }}
      lead={company && <Path company={company} />}
      actions={company && <Actions company={company} isWhole={isWhole} onWhole={setWhole} />}
    >
      {error && !company && <ErrorNotice error={error} onRetry={refetch} />}
      {company && (
        <div className={styles.company}>
          <CompanyAside company={company} isWhole={isWhole} />
          <CompanyTabs company={company} isWhole={isWhole} />
        </div>
      )}
    </Page>
  );
}

function Path({ company }: { company: Company }) {
  return (
    <span className={styles.tools}>
      {company.path.map((one) => (
        <span key={one.id}>
          <Link to={`/companies/${one.id}`}>{one.name}</Link> ›
        </span>
      ))}
      <span className="mono muted">{company.row.external_id || company.row.id}</span>
    </span>
  );
}

interface ActionsProps {
  company: Company;
  isWhole: boolean;
  onWhole: (isWhole: boolean) => void;
}

function Actions({ company, isWhole, onWhole }: ActionsProps) {
  const { t } = useI18n();
  const go = useNavigate();
  const queries = useQueryClient();
  const [isEditing, setEditing] = useState(false);
  const remove = useMutation({
    mutationFn: () => deleteCompany(company.row.id),
    onSuccess: async () => {
      go("/companies");
      await queries.invalidateQueries({ queryKey: ["companies"] });
    },
  });
  return (
    <>
      {company.row.children > 0 && (
        <span className={styles.tools}>
          <Switch size="small" checked={isWhole} onChange={onWhole} aria-label={t("companies.whole")} />
          {t("companies.whole")}
        </span>
      )}
      <Button onClick={() => setEditing(true)}>{t("companies.edit")}</Button>
      <Popconfirm
        title={t("companies.delete.ask")}
        okText={t("companies.delete")}
        onConfirm={() => remove.mutate()}
      >
        <Button danger loading={remove.isPending}>
          {t("companies.delete")}
        </Button>
      </Popconfirm>
      {remove.error && <ErrorNotice error={remove.error} />}
      {isEditing && <CompanyForm company={company} onClose={() => setEditing(false)} />}
    </>
  );
}

const TABS = ["contacts", "timeline", "tree", "alike"] as const;

function CompanyTabs({ company, isWhole }: { company: Company; isWhole: boolean }) {
  const { t } = useI18n();
  const [asked, setTab] = useSearchState("tab");
  const id = company.row.id;
  const shown = {
    contacts: <Contacts company={id} isWhole={isWhole} />,
    timeline: <CompanyMoments company={id} isWhole={isWhole} />,
    tree: <CompanyTree company={id} />,
    alike: <AlikePairs company={id} />,
  };
  return (
    <Tabs
      activeKey={TABS.find((one) => one === asked) ?? "contacts"}
      onChange={(key) => setTab(key === "contacts" ? "" : key)}
      destroyOnHidden
      items={TABS.map((key) => ({ key, label: t(`companies.tab.${key}`), children: shown[key] }))}
    />
  );
}
