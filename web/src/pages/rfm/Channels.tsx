import { useQuery } from "@tanstack/react-query";
import { rfmChannelsQuery } from "../../api/rfm";
import type { RfmSummary } from "../../api/types";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import type { Shown } from "../behaviour/FigureDrawer";
import styles from "../studies/studies.module.css";
import { useChannelName, useClassName } from "./classes";

/** Buyers of each channel by class, scored among themselves. */
export function Channels({ summary, onShow }: { summary: RfmSummary; onShow: (shown: Shown) => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const className = useClassName();
  const channelName = useChannelName();
  const { data, error, refetch } = useQuery(rfmChannelsQuery);
  if (error && !data) return <ErrorNotice error={error} onRetry={refetch} />;
  if (!data) return <PanelSkeleton rows={4} />;
  const labels = summary.classes.map((each) => each.class);
  const cell = (channel: string, label: string | null, people: number) => (
    <td key={label ?? "all"} className="num">
      {people > 0 ? (
        <button
          type="button"
          onClick={() =>
            onShow({
              title: label ? `${channelName(channel)} · ${className(label)}` : channelName(channel),
              figure: { of: "rfm/channels", body: { channel, label } },
            })
          }
        >
          {format.count(people)}
        </button>
      ) : (
        <span className="muted">·</span>
      )}
    </td>
  );
  return (
    <Panel title={t("rfm.channels")} extra={t("rfm.channels.hint")} flush testId="rfm-channels">
      <div className={styles.scroll}>
        <table className={styles.matrix}>
          <thead>
            <tr>
              <th scope="col">{t("rfm.channel")}</th>
              <th scope="col">{t("rfm.people")}</th>
              <th scope="col">{t("rfm.frequency")}</th>
              <th scope="col">{t("rfm.monetary")}</th>
              {labels.map((label) => (
                <th key={label} scope="col">
                  {className(label)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.items.map((one) => (
              <tr key={one.channel}>
                <th scope="row">{channelName(one.channel)}</th>
                {cell(one.channel, null, one.people)}
                <td className="num">{format.count(one.orders)}</td>
                <td className="num">{format.moneyShort(one.revenue, data.currency)}</td>
                {labels.map((label) =>
                  cell(one.channel, label, (one.classes as Record<string, number>)[label] ?? 0),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
