import { useQuery } from "@tanstack/react-query";
import { corpsQuery } from "../../../api/wecom/corps";
import { AlertsPanel } from "../alerts/AlertsPanel";
import { RulesPanel } from "../alerts/RulesPanel";

/** Lost customers of all members, and what each company is alerted about. */
export function AlertsTab() {
  const { data } = useQuery(corpsQuery);
  return (
    <>
      <AlertsPanel />
      {data?.items.map((corp) => (
        <RulesPanel key={corp.id} corp={corp.id} name={corp.name || corp.corp_id} />
      ))}
    </>
  );
}
