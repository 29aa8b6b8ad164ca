import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Steps } from "antd";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { corpsQuery } from "../../../api/wecom/corps";
import { makePlan } from "../../../api/wecom/inheritance";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Page, Panel } from "../../../ui/Page";
import { PanelSkeleton } from "../../../ui/PageSkeleton";
import { type Draft, EMPTY, isReady, planOf } from "./draft";
import { TakersStep } from "./TakersStep";
import { WhichStep } from "./WhichStep";
import { WhoStep } from "./WhoStep";

/** Three steps to a draft; the fourth, its preview, is the plan's own page. */
export default function WizardPage() {
  const { t } = useI18n();
  const corps = useQuery(corpsQuery);
  return (
    <Page title={t("wecom.inherit.new")} back={{ to: "/inheritance", label: t("nav.inheritance") }}>
      {corps.error && <ErrorNotice error={corps.error} onRetry={corps.refetch} />}
      {!corps.data && !corps.error && <PanelSkeleton />}
      {corps.data?.items.length === 0 && <p>{t("wecom.inherit.noCorp")}</p>}
      {corps.data?.items[0] && <Wizard corp={corps.data.items[0].id} />}
    </Page>
  );
}

function Wizard({ corp }: { corp: string }) {
  const { t } = useI18n();
  const [asked] = useSearchParams();
  const [draft, setDraft] = useState<Draft>(() => ({
    ...EMPTY,
    corp: asked.get("corp") ?? corp,
    kind: asked.get("kind") === "resigned" ? "resigned" : "on_job",
    handover: asked.get("handover") ?? "",
  }));
  const [step, setStep] = useState(0);
  const navigate = useNavigate();
  const make = useMutation({
    mutationFn: () => makePlan(planOf(draft)),
    onSuccess: (plan) => navigate(`/inheritance/${plan.id}`),
  });
  const change = (changed: Partial<Draft>) => setDraft((before) => ({ ...before, ...changed }));
  const titles = ["who", "which", "takers", "preview"] as const;
  return (
    <Panel>
      <Steps
        size="small"
        current={step}
        items={titles.map((one) => ({ title: t(`wecom.inherit.step.${one}`) }))}
        style={{ marginBottom: 20 }}
      />
      {step === 0 && <WhoStep draft={draft} onChange={change} />}
      {step === 1 && <WhichStep draft={draft} onChange={change} />}
      {step === 2 && <TakersStep draft={draft} onChange={change} />}
      {make.error && <ErrorNotice error={make.error} />}
      <p style={{ display: "flex", gap: 8, marginTop: 20 }}>
        {step > 0 && <Button onClick={() => setStep(step - 1)}>{t("wecom.inherit.back")}</Button>}
        {step < 2 && (
          <Button type="primary" disabled={!isReady(step, draft)} onClick={() => setStep(step + 1)}>
            {t("wecom.inherit.next")}
          </Button>
        )}
        {step === 2 && (
          <Button
            type="primary"
            disabled={!isReady(2, draft)}
            loading={make.isPending}
            onClick={() => make.mutate()}
          >
            {t("wecom.inherit.plan")}
          </Button>
        )}
      </p>
    </Panel>
  );
}
