import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { rfmChannelsQuery, rfmMovementQuery } from "../../api/rfm";
import type { RfmSummary } from "../../api/types";
import { useNow, useZone } from "../../app/session";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import type { Shown } from "../behaviour/FigureDrawer";
import { Matrix } from "../studies/Groups";
import styles from "../studies/studies.module.css";
import { useChannelName, useClassName } from "./classes";
import { localDay } from "./days";

const ALL = "*";
const DAYS_AGO = 30;

/** Who went from class to class between two days. */
export function Movement({ summary, onShow }: { summary: RfmSummary; onShow: (shown: Shown) => void }) {
  const { t } = useI18n();
  const className = useClassName();
  const channelName = useChannelName();
  const { timeZone } = useZone();
  const now = useNow(3_600_000);
  const [from, setFrom] = useState(() => localDay(now, timeZone, DAYS_AGO));
  const [to, setTo] = useState(() => localDay(now, timeZone, 0));
  const [channel, setChannel] = useState(ALL);
  const { data: channels } = useQuery(rfmChannelsQuery);
  const asked = { from_day: from, to_day: to, channel: channel === ALL ? null : channel };
  const isAsked = from !== "" && to !== "" && from < to;
  const { data, error, refetch } = useQuery({ ...rfmMovementQuery(asked), enabled: isAsked });
  const labels = summary.classes.map((each) => each.class);
  const name = (label: string) => (label === "" ? t("rfm.noClass") : className(label));
  return (
    <>
      <div className={styles.form}>
        <label htmlFor="rfm-from">
          {t("rfm.from")}
          <input id="rfm-from" type="date" value={from} max={to} onChange={(e) => setFrom(e.target.value)} />
        </label>
        <label htmlFor="rfm-to">
          {t("rfm.to")}
          <input id="rfm-to" type="date" value={to} min={from} onChange={(e) => setTo(e.target.value)} />
        </label>
        <label htmlFor="rfm-channel">
          {t("rfm.channel")}
          <Select
            id="rfm-channel"
            style={{ minWidth: 150 }}
            value={channel}
            onChange={setChannel}
            options={[
              { value: ALL, label: t("rfm.channel.all") },
              ...(channels?.items ?? []).map((one) => ({
                value: one.channel,
                label: channelName(one.channel),
              })),
            ]}
          />
        </label>
      </div>
      {!isAsked && <p role="alert">{t("rfm.daysWrong")}</p>}
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {isAsked && !data && !error && <PanelSkeleton rows={8} />}
      {isAsked && data && (
        <Matrix
          title={t("rfm.movement")}
          hint={t("rfm.movement.hint")}
          labels={[...labels, ...(data.moves.some((move) => move.label === "") ? [""] : [])]}
          rows={[...labels, ...(data.moves.some((move) => move.before === "") ? [""] : [])]}
          moves={data.moves}
          name={name}
          figure={(before, label) => ({ of: "rfm/movement", body: { ...asked, before, label } })}
          onShow={onShow}
          testId="rfm-movement"
        />
      )}
    </>
  );
}
