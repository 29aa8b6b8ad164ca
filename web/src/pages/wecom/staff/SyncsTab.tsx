import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { corpSyncs } from "../../../api/syncs";
import type { SyncKind } from "../../../api/types";
import { corpsQuery } from "../../../api/wecom/corps";
import { useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { SyncPanel } from "../../syncs/SyncPanel";

const KINDS: readonly SyncKind[] = ["staff", "customer_lists", "customers"];

/** What each company's syncs brought; they run at night, and whenever somebody asks. */
export function SyncsTab() {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(corpsQuery);
  if (error && !data) return <ErrorNotice error={error} onRetry={refetch} />;
  if (data?.items.length === 0) return <NoCorp />;
  return (
    <>
      {data?.items.map((corp) => (
        <section key={corp.id} aria-label={corp.name}>
          {data.items.length > 1 && <h2>{corp.name || corp.corp_id}</h2>}
          {KINDS.map((kind) => (
            <SyncPanel key={kind} source={corpSyncs(corp.id)} kind={kind} />
          ))}
        </section>
      ))}
      {!data && <Panel>{t("loading")}</Panel>}
    </>
  );
}

export function NoCorp() {
  const { t } = useI18n();
  return (
    <Panel>
      <EmptyState
        title={t("wecom.staff.noCorp")}
        action={<Link to="/channels">{t("wecom.staff.empty.connect")}</Link>}
      >
        {t("wecom.staff.noCorp.text")}
      </EmptyState>
    </Panel>
  );
}
