import { useQuery } from "@tanstack/react-query";
import { accountHealthQuery, type Product, productOf } from "../../../api/channels";
import type { AccountHealth } from "../../../api/types";
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
export function HealthPanel({ account }: { account: { id: string } }) {
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
          <Figures health={data} product={productOf(account.id)} />
          <HeldBack held={data.held_back} />
          <Refused refused={data.refused} />
        </>
      )}
    </Panel>
  );
}

function Figures({ health, product }: { health: AccountHealth; product: Product }) {
  const { t } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  const zone = useZone();
  const now = useNow(60_000);
  const { followers, token_expires_at: token, last_callback_at: last } = health;
  const until = (at: string | null) => (at ? formatMoment(at, now, zone) : t("health.token.none"));
  // Only official accounts are followed, and only they wait to be told something.
  const following = [
    ["following", format.count(followers.following)],
    ["left", format.count(followers.left)],
    ["unknown", format.count(followers.unknown)],
  ] as const;
  const tokens = health.tokens.map(
    ({ use, expires_at }) => [t(`corp.token.${use}`), until(expires_at)] as const,
  );
  const rows = [
    [t("health.lastCallback"), last ? ago(last) : "–"] as const,
    ...(product === "official" ? following.map(([key, count]) => [t(`health.${key}`), count] as const) : []),
    // A corp has a token for each of its secrets.
    ...(product === "corp" && tokens.length > 0 ? tokens : [[t("health.token"), until(token)] as const]),
  ];
  return (
    <dl className={styles.facts}>
      {rows.map(([key, value]) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
      {product === "official" && <Backlog backlog={health.backlog} />}
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

/** Calls the platform refused for their limits; they go on by themselves. */
function HeldBack({ held }: { held: AccountHealth["held_back"] }) {
  const { t } = useI18n();
  const zone = useZone();
  const now = useNow(60_000);
  if (held.length === 0) return null;
  return (
    <div className={styles.refused}>
      <strong>{t("health.heldBack")}</strong>
      <ul className={styles.lines}>
        {held.map((one) => (
          <li key={one.path}>
            <code className="mono">{one.path}</code>
            <span className="muted num">
              {t("health.heldBack.until", { until: formatMoment(one.until, now, zone) })}
            </span>
          </li>
        ))}
      </ul>
    </div>
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
