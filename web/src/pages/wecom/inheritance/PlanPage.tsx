import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { useParams } from "react-router";
import { actOnPlan, type Inheritance, type PlanAction, planQuery } from "../../../api/wecom/inheritance";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Page, Panel } from "../../../ui/Page";
import { PanelSkeleton } from "../../../ui/PageSkeleton";
import { Tag } from "../../../ui/Tag";
import { Items } from "./Items";
import { Known, Shares } from "./Shares";
import { ITEM_STATES, ITEM_TONES, STATE_TONES } from "./words";

/** One plan: its preview before it is submitted, its progress afterwards. */
export default function PlanPage() {
  const { t } = useI18n();
  const { id = "" } = useParams();
  const plan = useQuery(planQuery(id));
  const title = plan.data ? `${plan.data.handover_name} · ${t(`wecom.inherit.kind.${plan.data.kind}`)}` : "…";
  return (
    <Page
      title={title}
      back={{ to: "/inheritance", label: t("nav.inheritance") }}
      lead={plan.data?.corp_name}
      actions={plan.data && <Actions plan={plan.data} />}
    >
      {plan.error && !plan.data && <ErrorNotice error={plan.error} onRetry={plan.refetch} />}
      {!plan.data && !plan.error && <PanelSkeleton />}
      {plan.data && <Progress plan={plan.data} />}
      {plan.data && <Shares plan={plan.data} />}
      {plan.data && <Items plan={plan.data} />}
    </Page>
  );
}

function Progress({ plan }: { plan: Inheritance }) {
  const { t } = useI18n();
  const zone = useZone();
  return (
    <Panel
      title={t("wecom.inherit.progress")}
      extra={<Tag tone={STATE_TONES[plan.state]}>{t(`wecom.inherit.state.${plan.state}`)}</Tag>}
      testId="inheritance-progress"
    >
      {plan.state === "draft" && <p>{t("wecom.inherit.preview.text")}</p>}
      <p>
        {ITEM_STATES.map((state) => (
          <Tag key={state} tone={ITEM_TONES[state]}>
            {t(`wecom.inherit.item.${state}`)} {(plan.customers[state] ?? 0) + (plan.groups[state] ?? 0)}
          </Tag>
        ))}
      </p>
      {plan.state === "draft" && <Known counts={plan.problems} />}
      {plan.trouble && <p>{t("wecom.inherit.trouble", { reason: plan.trouble })}</p>}
      {plan.next_at && plan.state === "running" && (
        <p className="muted">{t("wecom.inherit.nextAt", { at: formatDateTime(plan.next_at, zone) })}</p>
      )}
      <p className="muted">
        {t("wecom.inherit.by")} {plan.created_by} · {formatDateTime(plan.created_at, zone)}
      </p>
    </Panel>
  );
}

function Actions({ plan }: { plan: Inheritance }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: (action: PlanAction) => actOnPlan(plan.id, action),
    onSuccess: (changed) => {
      queries.setQueryData(planQuery(plan.id).queryKey, changed);
      void queries.invalidateQueries({ queryKey: ["inheritance-items", plan.id] });
    },
  });
  const button = (action: "submit" | "stop" | "resume", primary = false) => (
    <Button type={primary ? "primary" : "default"} loading={act.isPending} onClick={() => act.mutate(action)}>
      {t(`wecom.inherit.${action}`)}
    </Button>
  );
  return (
    <>
      {act.error && <ErrorNotice error={act.error} />}
      {plan.state === "draft" && (
        <Popconfirm title={t("wecom.inherit.drop.sure")} onConfirm={() => act.mutate("drop")}>
          <Button>{t("wecom.inherit.drop")}</Button>
        </Popconfirm>
      )}
      {plan.state === "draft" && button("submit", true)}
      {plan.state === "running" && button("stop")}
      {plan.state === "stopped" && button("resume", true)}
    </>
  );
}
