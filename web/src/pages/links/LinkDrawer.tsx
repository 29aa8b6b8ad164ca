import { useQuery } from "@tanstack/react-query";
import { Button, Drawer, Segmented } from "antd";
import { useCallback, useState } from "react";
import { type LinkStatistics, linkStatisticsQuery, type ShortLink } from "../../api/links";
import { useMay, useZone } from "../../app/session";
import { CHART_GRID, Chart } from "../../charts/Chart";
import type { Palette } from "../../charts/palette";
import { formatCalendarDate, formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { CopyButton } from "../../ui/CopyButton";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Bone } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import { Origin } from "./LinksPage";
import styles from "./links.module.css";

const WIDTH = 620;
const QR_PX = 150;
const RANGES = [7, 30, 90] as const;

interface LinkDrawerProps {
  link: ShortLink;
  onEdit: () => void;
  onClose: () => void;
}

/** One link: its address and picture, where it leads, what came of it. */
export function LinkDrawer({ link, onEdit, onClose }: LinkDrawerProps) {
  const { t } = useI18n();
  const may = useMay();
  const zone = useZone();
  const canEdit = may("messages.send") && link.url !== null;
  return (
    <Drawer
      open
      size={WIDTH}
      onClose={onClose}
      title={link.name}
      extra={canEdit && <Button onClick={onEdit}>{t("links.change")}</Button>}
    >
      <div className={styles.details} data-testid="link-details">
        <div className={styles.facts}>
          {link.url && <img src={`${link.url}.png`} alt={t("links.qr")} width={QR_PX} height={QR_PX} />}
          <dl>
            <div>
              <dt>{t("links.url")}</dt>
              <dd>
                {link.url ? (
                  <>
                    <code className="mono">{link.url}</code> <CopyButton text={link.url} />
                  </>
                ) : (
                  t("links.url.each")
                )}
              </dd>
            </div>
            <div>
              <dt>{t("links.target")}</dt>
              <dd>{link.target}</dd>
            </div>
            <div>
              <dt>{t("links.origin")}</dt>
              <dd>
                <Origin link={link} />
              </dd>
            </div>
            {link.expires_at && (
              <div>
                <dt>{t("links.ends")}</dt>
                <dd>
                  {formatDateTime(link.expires_at, zone)}
                  {new Date(link.expires_at) <= new Date() && ` · ${t("links.ended")}`}
                </dd>
              </div>
            )}
            {link.url && (
              <a href={`${link.url}.png`} download={`${link.name}.png`}>
                {t("links.qr.download")}
              </a>
            )}
          </dl>
        </div>
        <Figures id={link.id} />
      </div>
    </Drawer>
  );
}

function Figures({ id }: { id: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const [range, setRange] = useState<number>(30);
  const { data, error, refetch } = useQuery(linkStatisticsQuery(id, range));
  return (
    <section aria-label={t("links.figures")} data-testid="link-figures" className={styles.details}>
      <header className={styles.head}>
        <h3>{t("links.figures")}</h3>
        <Segmented
          size="small"
          aria-label={t("links.range")}
          value={range}
          onChange={setRange}
          options={RANGES.map((days) => ({ value: days, label: t("links.days.last", { days }) }))}
        />
      </header>
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <Bone height={120} />}
      {data && (
        <>
          <dl className={styles.totals}>
            {(["clicks", "people", "bots"] as const).map((key) => (
              <div key={key}>
                <dt>{t(`links.${key}`)}</dt>
                <dd className="num">{format.count(data[key])}</dd>
              </div>
            ))}
          </dl>
          {data.days.length > 0 && <Days days={data.days} />}
          <Bots figures={data} />
        </>
      )}
    </section>
  );
}

function Bots({ figures }: { figures: LinkStatistics }) {
  const { t } = useI18n();
  const format = useFormat();
  if (figures.bots === 0) return <p className="muted">{t("links.bots.none")}</p>;
  return (
    <div>
      <p className="muted">{t("links.bots.text")}</p>
      <ul className={styles.bots}>
        {figures.bot_reasons.map(({ reason, count }) => (
          <li key={reason}>
            {t(`links.bot.${reason}`)}：{format.count(count)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Days({ days }: { days: LinkStatistics["days"] }) {
  const { t, tag } = useI18n();
  const format = useFormat();
  const option = useCallback(
    (palette: Palette) => ({
      grid: CHART_GRID,
      tooltip: { trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { opacity: 0.08 } } },
      xAxis: {
        type: "category",
        data: days.map((day) => formatCalendarDate(day.date, tag)),
        axisLine: { lineStyle: { color: palette.line } },
        axisTick: { show: false },
        axisLabel: { color: palette.muted, hideOverlap: true },
      },
      yAxis: {
        type: "value",
        minInterval: 1,
        axisLabel: { color: palette.muted, formatter: (value: number) => format.axis(value) },
        splitLine: { lineStyle: { color: palette.line } },
        splitNumber: 3,
      },
      series: [
        ["clicks", palette.jade] as const,
        ["people", palette.amber] as const,
        ["bots", palette.muted] as const,
      ].map(([name, color]) => ({
        type: "bar",
        name: t(`links.${name}`),
        barMaxWidth: 12,
        itemStyle: { color, borderRadius: [3, 3, 0, 0] },
        data: days.map((day) => day[name]),
      })),
    }),
    [days, tag, format, t],
  );
  return <Chart option={option} height={180} label={t("links.chart")} />;
}
