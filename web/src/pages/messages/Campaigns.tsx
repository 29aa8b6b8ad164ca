import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Progress } from "antd";
import { Link } from "react-router";
import { campaignsQuery, changeCampaign, journeysQuery } from "../../api/queries";
import type { Campaign } from "../../api/types";
import { formatDuration } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import styles from "./messages.module.css";

/** The journeys and broadcasts that have something waiting. Nothing where none has. */
export function Campaigns() {
  const { t } = useI18n();
  const { data } = useQuery(campaignsQuery);
  if (!data?.items.length) return null;
  return (
    <Panel title={t("campaigns.title")} testId="campaigns">
      <p className={styles.campaignsLead}>{t("campaigns.lead")}</p>
      {data.items.map((campaign) => (
        <div key={campaign.id} className={styles.campaign}>
          <Name id={campaign.id} />
          <CampaignProgress campaign={campaign} />
        </div>
      ))}
    </Panel>
  );
}

function Name({ id }: { id: string }) {
  const { t } = useI18n();
  const { data } = useQuery(journeysQuery);
  if (id.startsWith("bct_")) return <Link to={`/broadcasts/${id}`}>{t("campaigns.broadcast")}</Link>;
  const name = data?.items.find((journey) => journey.id === id)?.name;
  return <Link to={`/journeys/${id}`}>{name ?? t("campaigns.journey")}</Link>;
}

/** How far one is, when it will be done, and a button that holds it or lets it go on. */
export function CampaignProgress({ campaign }: { campaign: Campaign }) {
  const { t, tag } = useI18n();
  const format = useFormat();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: () => changeCampaign(campaign.id, { paused: !campaign.paused }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["campaigns"] }),
  });
  const done = campaign.planned - campaign.waiting - campaign.held;
  const words = [
    t("campaigns.progress", { done: format.count(done), planned: format.count(campaign.planned) }),
    campaign.paused
      ? t("campaigns.paused")
      : t("campaigns.perMinute", { count: format.count(campaign.per_minute) }),
    campaign.held > 0 && t("campaigns.held", { count: format.count(campaign.held) }),
    campaign.finishes_in_s !== null &&
      campaign.waiting > 0 &&
      t("campaigns.left", { span: formatDuration(campaign.finishes_in_s, tag) }),
  ].filter(Boolean);
  const percent = campaign.planned ? Math.floor((100 * done) / campaign.planned) : 0;
  return (
    <div className={styles.campaignProgress}>
      <Progress
        percent={percent}
        size="small"
        status={campaign.paused || !campaign.waiting ? "normal" : "active"}
        aria-label={t("progress")}
      />
      <div className={styles.campaignFoot}>
        <span>{words.join(" · ")}</span>
        {/* A broadcast is paused on its own page, where its state says so. */}
        {campaign.id.startsWith("jrn_") && (
          <Button size="small" loading={change.isPending} onClick={() => change.mutate()}>
            {t(campaign.paused ? "campaigns.resume" : "campaigns.pause")}
          </Button>
        )}
      </div>
      {change.error && <ErrorNotice error={change.error} onRetry={change.reset} />}
    </div>
  );
}
