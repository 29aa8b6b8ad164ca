import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, InputNumber } from "antd";
import { useState } from "react";
import { changeLane, lanesQuery } from "../../../api/messageRules";
import type { Lane } from "../../../api/types";
import { useMay } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { useFormat } from "../../../ui/useFormat";
import { channelOf, useSenders } from "../sending/AccountAndKind";
import styles from "./rules.module.css";

/** Each account's sending: what waits, how fast it goes, and a button that holds it. */
export function LanesPanel() {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(lanesQuery);
  return (
    <Panel title={t("rules.lanes")} testId="message-lanes">
      <p className={styles.hint}>{t("rules.lanesHint")}</p>
      {error && <ErrorNotice error={error} onRetry={refetch} />}
      {data?.items.length === 0 && <EmptyState title={t("rules.noLanes")} />}
      {data?.items.map((lane) => (
        <LaneRow key={lane.account_id} lane={lane} />
      ))}
    </Panel>
  );
}

function LaneRow({ lane }: { lane: Lane }) {
  const { t } = useI18n();
  const format = useFormat();
  const queries = useQueryClient();
  const isReadOnly = !useMay()("messages.send");
  const [rate, setRate] = useState(lane.rate_per_s);
  const change = useMutation({
    mutationFn: (part: { paused?: boolean; rate_per_s?: number | null }) => changeLane(lane.account_id, part),
    onSuccess: (lanes) => queries.setQueryData(["message-lanes"], lanes),
  });
  return (
    <div className={styles.lane} data-testid={`lane-${lane.account_id}`}>
      <div>
        <strong>
          <AccountName id={lane.account_id} />
        </strong>
        <span className={styles.hint}>
          {[
            t(lane.paused ? "rules.lane.paused" : "rules.lane.running"),
            t("rules.lane.waiting", { count: format.count(lane.waiting) }),
            t("rules.lane.inFlight", { count: format.count(lane.in_flight) }),
          ].join(" · ")}
        </span>
      </div>
      {!isReadOnly && (
        <div className={styles.row}>
          <InputNumber
            aria-label={t("rules.lane.rate")}
            min={0.1}
            max={100_000}
            placeholder={t("rules.lane.default")}
            suffix={t("rules.lane.perSecond")}
            value={rate}
            onChange={setRate}
            style={{ width: 150 }}
          />
          <Button
            disabled={rate === lane.rate_per_s}
            loading={change.isPending}
            onClick={() => change.mutate({ rate_per_s: rate })}
          >
            {t("rules.lane.setRate")}
          </Button>
          <Button loading={change.isPending} onClick={() => change.mutate({ paused: !lane.paused })}>
            {t(lane.paused ? "campaigns.resume" : "campaigns.pause")}
          </Button>
        </div>
      )}
      {change.error && <ErrorNotice error={change.error} onRetry={change.reset} />}
    </div>
  );
}

function AccountName({ id }: { id: string }) {
  const { t } = useI18n();
  const account = useSenders()?.find((one) => one.id === id);
  return `${account?.name ?? id} · ${t(`channel.${channelOf(id)}`)}`;
}
