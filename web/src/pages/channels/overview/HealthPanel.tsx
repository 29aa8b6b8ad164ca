import { useQuery } from "@tanstack/react-query";
import { accountHealthQuery, isMiniProgramId } from "../../../api/channels";
import type { AccountHealth, ChannelAccount } from "../../../api/types";
import { useAgo, useNow, useZone } from "../../../app/session";
import { formatMoment } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { LiveMark } from "../../../ui/LiveMark";
import { Panel } from "../../../ui/Page";
import { PanelSkeleton } from "../../../ui/PageSkeleton";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import styles from "../channels.module.css";

/** How the account is now: what comes in, what waits, what was refused. */
export function HealthPanel({ account }: { account: ChannelAccount }) {
  const { t } = useI18n();
  const { data, error, refetch, dataUpdatedAt } = useQuery(accountHealthQuery(account.id));
  if (!data && !error) return <PanelSkeleton />;
  return (
    <Panel
      title={t("health.title")}
      testId="account-health"
      extra={data && <LiveMark failing={error !== null} updatedAt={dataUpdatedAt} />}
    >
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {data && (
        <>
          <Figures health={data} isMini={isMiniProgramId(account.id)} />
          <Refused refused={data.refused} />
        </>
      )}
    </Panel>
  );
}

function Figures({ health, isMini }: { health: AccountHealth; isMini: boolean }) {
  const { t } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  const zone = useZone();
  const now = useNow(60_000);
  const { followers, token_expires_at: token, last_callback_at: last } = health;
  // Nobody follows a mini program, and nothing waits to be told to it.
  const following = [
    ["following", format.count(followers.following)],
    ["left", format.count(followers.left)],
    ["unknown", format.count(followers.unknown)],
  ] as const;
  const rows = [
    ["lastCallback", last ? ago(last) : "–"] as const,
    ...(isMini ? [] : following),
    ["token", token ? formatMoment(token, now, zone) : t("health.token.none")] as const,
  ];
  return (
    <dl className={styles.facts}>
      {rows.map(([key, value]) => (
        <div key={key}>
          <dt>{t(`health.${key}`)}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
      {!isMini && <Backlog backlog={health.backlog} />}
    </dl>
  );
}

function Backlog({ backlog }: { backlog: AccountHealth["backlog"] }) {
  const { t } = useI18n();
  const format = useFormat();
  const waiting = [
    ["userInfo", backlog.user_info_waiting],
    ["tags", backlog.tags_waiting],
    ["codes", backlog.codes_waiting],
    ["late", backlog.late_replies_waiting],
  ] as const;
  const failed = [
    ["tags", backlog.tags_failed],
    ["codes", backlog.codes_failed],
    ["late", backlog.late_replies_failed_24h],
  ] as const;
  return [["waiting", waiting, "blue"] as const, ["failing", failed, "red"] as const].map(
    ([key, counts, tone]) => (
      <div key={key}>
        <dt>{t(`health.${key}`)}</dt>
        <dd className={styles.rowTools}>
          {counts.every(([, count]) => count === 0) && <span className="muted">{t("health.nothing")}</span>}
          {counts
            .filter(([, count]) => count > 0)
            .map(([what, count]) => (
              <Tag key={what} tone={tone}>
                {t(`health.waiting.${what}`, { count: format.count(count) })}
              </Tag>
            ))}
        </dd>
      </div>
    ),
  );
}

function Refused({ refused }: { refused: AccountHealth["refused"] }) {
  const { t, locale } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  if (refused.length === 0) return null;
  return (
    <div role="alert" className={styles.refused}>
      <strong>{t("health.refused")}</strong>
      <ul className={styles.lines}>
        {refused.map((one) => (
          <li key={one.reason}>
            <span>{locale === "zh" ? one.detail_zh : one.detail_en}</span>
            <span className="muted num">
              {t("health.refused.count", { count: format.count(one.count), ago: ago(one.last_at) })}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
