import { useQuery } from "@tanstack/react-query";
import { messagePolicyQuery } from "../../../api/messageRules";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Page } from "../../../ui/Page";
import { HeldNotice } from "../HeldNotice";
import { BlocklistPanel } from "./BlocklistPanel";
import { LanesPanel } from "./LanesPanel";
import { PolicyPanel } from "./PolicyPanel";

/** What binds everything the brand sends: quiet hours, caps, repeats, and each account's sending. */
export default function RulesPage() {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(messagePolicyQuery);
  return (
    <Page title={t("nav.messageRules")} lead={t("rules.lead")}>
      <HeldNotice />
      {error && <ErrorNotice error={error} onRetry={refetch} />}
      {data && <PolicyPanel kept={data} />}
      <BlocklistPanel />
      <LanesPanel />
    </Page>
  );
}
