import { useQuery } from "@tanstack/react-query";
import { accountQuery } from "../../api/account";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { AccountPanel } from "./AccountPanel";
import { PasswordPanel } from "./PasswordPanel";
import { SessionsPanel } from "./SessionsPanel";

/** One's own account: how one is called, how one signs in, and where one has. */
export default function SecurityPage() {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(accountQuery);
  return (
    <Page title={t("nav.security")} lead={t("security.lead")}>
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && (
        <Panel>
          <PanelSkeleton />
        </Panel>
      )}
      {data && (
        <>
          <AccountPanel account={data} />
          <PasswordPanel account={data} />
          <SessionsPanel />
        </>
      )}
    </Page>
  );
}
