import { rejectsPath } from "../../api/lists";
import type { SegmentListVersion } from "../../api/types";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import styles from "./segments.module.css";

/** Every version of a list: what it was made of, and which rows named nobody in particular. */
export function ListVersions({ id, versions }: { id: string; versions: readonly SegmentListVersion[] }) {
  const { t } = useI18n();
  const format = useFormat();
  const zone = useZone();
  const columns: Column<SegmentListVersion>[] = [
    {
      key: "made",
      title: t("list.version"),
      lead: true,
      render: (one) => (
        <span className={styles.segmentName}>
          <strong>
            {one.version}. {t(`listOrigin.${one.origin}`)}
            {one.version > 1 && ` · ${t(`listMode.${one.mode}`)}`}
          </strong>
          <small>
            {one.made_by} · {formatDateTime(one.made_at, zone)}
            {typeof one.detail.file === "string" && one.detail.file !== "" && ` · ${one.detail.file}`}
          </small>
        </span>
      ),
    },
    {
      key: "asOf",
      title: t("segments.asOf"),
      render: (one) => formatDateTime(one.as_of, zone),
    },
    {
      key: "matched",
      title: t("list.matched"),
      align: "end",
      render: (one) => format.count(one.matched),
    },
    {
      key: "rejected",
      title: t("list.rejected"),
      align: "end",
      render: (one) => <Rejected id={id} version={one} />,
    },
    {
      key: "entries",
      title: t("list.after"),
      align: "end",
      render: (one) =>
        one.state === "done" ? (
          <strong>{format.count(one.entries)}</strong>
        ) : (
          <Tag tone={one.state === "writing" ? "plain" : "red"}>{t(`listState.${one.state}`)}</Tag>
        ),
    },
  ];
  return (
    <DataTable
      label={t("list.versions")}
      testId="list-versions"
      columns={columns}
      rows={versions}
      rowKey={(one) => String(one.version)}
      empty={<EmptyState title={t("list.noVersions")} />}
    />
  );
}

function Rejected({ id, version }: { id: string; version: SegmentListVersion }) {
  const { t } = useI18n();
  const format = useFormat();
  const reasons = Object.entries(version.rejected);
  if (reasons.length === 0) return <>0</>;
  const total = reasons.reduce((sum, [, count]) => sum + count, 0);
  const told = reasons
    .map(([reason, count]) => `${t(`listMiss.${reason}` as "listMiss.unknown")} ${format.count(count)}`)
    .join(" · ");
  return (
    <span className={styles.rejected}>
      <span title={told}>{format.count(total)}</span>
      <small>{told}</small>
      {version.has_rejects && (
        <a href={rejectsPath(id, version.version)} download>
          {t("list.download")}
        </a>
      )}
    </span>
  );
}
