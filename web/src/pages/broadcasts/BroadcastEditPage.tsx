import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm, Steps } from "antd";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { type BroadcastPlan, broadcastQuery, saveBroadcast, turnBroadcast } from "../../api/broadcasts";
import { officialAccountsQuery } from "../../api/channels";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { isNodeReady, type SendNode } from "../journeys/definition";
import { PurposeField, SendContent } from "../journeys/SendForm";
import { AudienceStep } from "./AudienceStep";
import styles from "./broadcasts.module.css";
import { CheckStep } from "./CheckStep";
import { ScheduleStep } from "./ScheduleStep";
import { BACK } from "./words";

const STEPS = ["audience", "content", "schedule", "check"] as const;

const EMPTY: BroadcastPlan = {
  name: "",
  segment_id: "",
  account_id: "",
  message_kind: "customer_service_text",
  content: { text: "" },
  schedule: { kind: "now" },
};

/** A new broadcast, or the plan of a draft, step by step. */
export default function BroadcastEditPage() {
  const { id = "new" } = useParams();
  const { t } = useI18n();
  const isNew = id === "new";
  const { data, error, refetch } = useQuery({
    ...broadcastQuery(id),
    enabled: !isNew,
    refetchInterval: false,
  });
  if (isNew) return <Editor key="new" id={null} start={EMPTY} />;
  if (data) return <Editor key={id} id={id} start={data.plan} />;
  if (!error) return <PageSkeleton />;
  return (
    <Page title={t("nav.broadcasts")} back={{ to: BACK, label: t("nav.broadcasts") }}>
      <ErrorNotice error={error} onRetry={refetch} />
    </Page>
  );
}

function Editor({ id, start }: { id: string | null; start: BroadcastPlan }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const accounts = useQuery(officialAccountsQuery);
  const [step, setStep] = useState(0);
  const [written, setPlan] = useState(start);
  // The accounts may be known only after the first words are written.
  const plan = { ...written, account_id: written.account_id || (accounts.data?.items[0]?.id ?? "") };
  const change = (part: Partial<BroadcastPlan>) => setPlan({ ...plan, ...part });
  const node = nodeOf(plan);
  const ready = [plan.name.trim() !== "" && plan.segment_id !== "", isNodeReady(node), isTimed(plan), true];
  const save = useMutation({
    mutationFn: async (andStart: boolean) => {
      const saved = await saveBroadcast(id, plan);
      return andStart ? turnBroadcast(saved.id, "schedule") : saved;
    },
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ["broadcasts"] });
      navigate(`${BACK}/${saved.id}`);
    },
  });
  return (
    <Page
      title={id ? start.name : t("bct.create")}
      back={{ to: id ? `${BACK}/${id}` : BACK, label: id ? start.name : t("nav.broadcasts") }}
    >
      {save.error && <ErrorNotice error={save.error} />}
      <Panel>
        <Steps
          className={styles.steps}
          size="small"
          current={step}
          items={STEPS.map((name) => ({ title: t(`bct.step.${name}`) }))}
        />
        <div className={styles.form}>
          {step === 0 && <AudienceStep plan={plan} change={change} />}
          {step === 1 && (
            <>
              <SendContent node={node} onChange={(next) => change(contentOf(next))} />
              <PurposeField node={node} onChange={(next) => change({ purpose: next.purpose ?? null })} />
            </>
          )}
          {step === 2 && <ScheduleStep plan={plan} change={change} />}
          {step === 3 && <CheckStep plan={plan} />}
        </div>
        <div className={styles.foot}>
          {step > 0 && <Button onClick={() => setStep(step - 1)}>{t("bct.back")}</Button>}
          {step < STEPS.length - 1 && (
            <Button type="primary" disabled={!ready[step]} onClick={() => setStep(step + 1)}>
              {t("bct.forward")}
            </Button>
          )}
          {step === STEPS.length - 1 && (
            <>
              <Button loading={save.isPending} onClick={() => save.mutate(false)}>
                {t("bct.save")}
              </Button>
              <Popconfirm title={t("bct.start.sure")} onConfirm={() => save.mutate(true)}>
                <Button type="primary" loading={save.isPending}>
                  {t("bct.start")}
                </Button>
              </Popconfirm>
            </>
          )}
        </div>
      </Panel>
    </Page>
  );
}

/** The content of a broadcast is written like that of a journey's step. */
const nodeOf = (plan: BroadcastPlan): SendNode => ({
  kind: "send",
  account_id: plan.account_id,
  message_kind: plan.message_kind,
  content: plan.content as SendNode["content"],
  ...(plan.purpose ? { purpose: plan.purpose } : {}),
  next: "",
});

const contentOf = ({ account_id, message_kind, content }: SendNode) => ({
  account_id,
  message_kind,
  content,
});

function isTimed({ schedule }: BroadcastPlan): boolean {
  switch (schedule?.kind) {
    case "at":
      return schedule.at !== "";
    case "recurring":
      return schedule.weekdays.length > 0 && schedule.at !== "";
    default:
      return true;
  }
}
