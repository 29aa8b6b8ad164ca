import { useInfiniteQuery } from "@tanstack/react-query";
import { type AuditTrail, type LiveCode, liveCodeTrailQuery } from "../../../api/wecom/codes";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { type MessageKey, type Translate, useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { LoadMore } from "../../../ui/LoadMore";
import styles from "./codes.module.css";

type Entry = AuditTrail["items"][number];

/** What happened to a code, newest first. */
export function Trail({ code }: { code: LiveCode }) {
  const { t } = useI18n();
  const zone = useZone();
  const trail = useInfiniteQuery(liveCodeTrailQuery(code.row.id));
  const names = new Map(code.members.map((one) => [one.userid, one.name]));
  const entries = (trail.data?.pages ?? []).flatMap((page) => page.items);
  return (
    <>
      {trail.error && !trail.data && <ErrorNotice error={trail.error} onRetry={trail.refetch} />}
      <ol className={styles.trail}>
        {entries.map((entry) => (
          <li key={`${entry.at}:${entry.what}:${JSON.stringify(entry.details)}`}>
            <div>
              {t(`wecom.codes.trail.${entry.what}` as MessageKey)}
              {entry.actor && ` · ${entry.actor}`}
            </div>
            <small>
              {formatDateTime(entry.at, zone)} {linesOf(entry, names, t).join("；")}
            </small>
          </li>
        ))}
      </ol>
      <LoadMore pager={trail} />
    </>
  );
}

/** Says the details of the entries that have some worth saying. */
export function linesOf(entry: Entry, names: ReadonlyMap<string, string>, t: Translate): string[] {
  const { details } = entry;
  const name = (userid: unknown) => names.get(String(userid)) ?? String(userid);
  const obstacle = (why: unknown) => t(`wecom.codes.obstacle.${String(why)}` as MessageKey);
  switch (entry.what) {
    case "members_changed":
      return [
        ...Object.entries((details.out ?? {}) as Record<string, string>).map(([who, why]) =>
          t("wecom.codes.trail.out", { who: name(who), why: obstacle(why) }),
        ),
        ...((details.back ?? []) as string[]).map((who) => t("wecom.codes.trail.back", { who: name(who) })),
      ];
    case "cap_hit":
      return [t("wecom.codes.trail.out", { who: name(details.userid), why: obstacle(details.cap) })];
    case "over_cap":
      return [
        t("wecom.codes.trail.overBy", {
          who: name(details.userid),
          adds: String(details.adds),
          over: String(details.over),
        }),
      ];
    case "tier_changed":
      return [
        t("wecom.codes.trail.move", {
          from: t(`wecom.codes.tier.${String(details.from)}` as MessageKey),
          to: t(`wecom.codes.tier.${String(details.to)}` as MessageKey),
        }),
      ];
    case "renamed":
      return [`${String(details.userid)} → ${name(details.new_userid)}`];
    case "push_refused":
    case "exclusive_missed":
      return [String(details.reason ?? name(details.serving))];
    default:
      return [];
  }
}
