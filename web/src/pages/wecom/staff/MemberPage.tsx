import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { customersQuery, memberQuery, type StaffRow } from "../../../api/wecom/staff";
import { useZone } from "../../../app/session";
import { formatDate } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { LoadMore } from "../../../ui/LoadMore";
import { Page, Panel } from "../../../ui/Page";
import { PageSkeleton } from "../../../ui/PageSkeleton";
import { useFormat } from "../../../ui/useFormat";
import { AlertsPanel } from "../alerts/AlertsPanel";
import { NobodyYet } from "../customers/CustomersPage";
import { CustomersTable } from "../customers/CustomersTable";
import { FIGURES, MemberState, OnlineSwitch } from "./StaffTable";
import styles from "./staff.module.css";

/** One member: who they are, whether they take new customers, whom they have and whom they lost. */
export default function MemberPage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const { data: member, error, refetch } = useQuery(memberQuery(id));
  if (!member && !error) return <PageSkeleton />;
  return (
    <Page
      title={member?.name ?? t("wecom.staff.member")}
      back={{ to: "/staff", label: t("nav.staff") }}
      lead={member?.position}
    >
      {error && !member && <ErrorNotice error={error} onRetry={refetch} />}
      {member && (
        <>
          <Card member={member} />
          <Customers staff={member.id} />
          <AlertsPanel staff={member.id} />
        </>
      )}
    </Page>
  );
}

function Card({ member }: { member: StaffRow }) {
  const { t } = useI18n();
  const zone = useZone();
  const format = useFormat();
  return (
    <Panel testId="member-card">
      <div className={styles.head}>
        <MemberState row={member} />
        <span className="mono muted">{member.userid}</span>
        {member.leads.length > 0 && <span className="muted">{t("wecom.staff.leads")}</span>}
        {member.joined_at && (
          <span className="muted">
            {t("wecom.staff.since")} {formatDate(member.joined_at, zone)}
          </span>
        )}
        <span className={styles.online}>
          {t("wecom.staff.online")} <OnlineSwitch row={member} />
        </span>
      </div>
      <dl className={styles.figures}>
        {FIGURES.map(([key, title]) => (
          <div key={key}>
            <dt>{t(title)}</dt>
            <dd className="num">{format.count(member.figures[key] ?? 0)}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function Customers({ staff }: { staff: string }) {
  const { t } = useI18n();
  const customers = useInfiniteQuery(customersQuery({ staff }));
  return (
    <Panel flush title={t("wecom.staff.customers")}>
      <CustomersTable
        withoutStaff
        rows={customers.data?.pages.flatMap((page) => page.items)}
        error={customers.error}
        onRetry={customers.refetch}
        empty={<NobodyYet />}
      />
      <LoadMore pager={customers} />
    </Panel>
  );
}
