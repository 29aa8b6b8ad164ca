import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { Link } from "react-router";
import {
  type LinkReport,
  reconcileTagLink,
  type TagLink,
  tryTagLink,
  unlinkTag,
} from "../../../api/tagLinks";
import { useAgo, useMay } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import styles from "../../wecom/tags/tags.module.css";

/** One link: how it stands, what differs, and what can be done about it. */
export function LinkCard({ link }: { link: TagLink }) {
  const { t, locale } = useI18n();
  const ago = useAgo();
  const may = useMay();
  const queries = useQueryClient();
  const settled = () => queries.invalidateQueries({ queryKey: ["tag-links"] });
  const attempt = useMutation({ mutationFn: () => tryTagLink(link.id) });
  const reconcile = useMutation({
    mutationFn: () => reconcileTagLink(link.id),
    onSuccess: () => attempt.reset(),
    onSettled: settled,
  });
  const unlink = useMutation({ mutationFn: () => unlinkTag(link.id), onSettled: settled });
  const error = attempt.error ?? reconcile.error ?? unlink.error;
  const refusal = locale === "zh" ? link.error_zh : link.error_en;
  return (
    <section className={styles.stack} aria-label={link.account_name} data-testid="tag-link">
      <p>
        {t(link.platform === "wecom" ? "tagLinks.account.wecom" : "tagLinks.account.official", {
          name: link.account_name || link.account,
        })}{" "}
        <Tag tone={link.is_gone ? "red" : "blue"}>{link.name}</Tag>{" "}
        <span className="muted">
          {link.is_comparing
            ? t("tagLinks.comparing")
            : link.compared_at && t("tagLinks.compared", { ago: ago(link.compared_at) })}
        </span>
      </p>
      {link.is_gone && <p className="muted">{t("tagLinks.gone")}</p>}
      {link.waiting > 0 && <p className="muted">{t("tagLinks.waiting", { n: link.waiting })}</p>}
      {link.failed > 0 && (
        <p role="alert">
          {t("tagLinks.failed", { n: link.failed })} {refusal}
          {link.error_at && <span className="muted"> · {ago(link.error_at)}</span>}
        </p>
      )}
      <p className={styles.tools}>
        {!link.is_gone && (
          <Button size="small" loading={attempt.isPending} onClick={() => attempt.mutate()}>
            {t("tagLinks.try")}
          </Button>
        )}
        {!link.is_gone && may("people.write") && (
          <Button size="small" loading={reconcile.isPending} onClick={() => reconcile.mutate()}>
            {t("tagLinks.reconcile")}
          </Button>
        )}
        {may("people.write") && (
          <Popconfirm
            title={t("tagLinks.unlink.ask")}
            okText={t("tagLinks.unlink")}
            onConfirm={() => unlink.mutate()}
          >
            <Button size="small" danger loading={unlink.isPending}>
              {t("tagLinks.unlink")}
            </Button>
          </Popconfirm>
        )}
      </p>
      {error && <ErrorNotice error={error} />}
      <div role="status">{attempt.data && <Report report={attempt.data} />}</div>
    </section>
  );
}

const COUNTED = [
  "give_here",
  "take_here",
  "give_there",
  "take_there",
  "waiting",
  "failed",
  "unknown",
  "without_place",
] as const;

function Report({ report }: { report: LinkReport }) {
  const { t } = useI18n();
  const format = useFormat();
  const told = COUNTED.filter((one) => report[one] > 0);
  return (
    <>
      <p>
        {t(report.is_complete ? "tagLinks.report" : "tagLinks.report.part", {
          people: format.count(report.people),
          same: format.count(report.same),
        })}
      </p>
      <ul className={styles.small}>
        {told.map((one) => (
          <li key={one}>{t(`tagLinks.report.${one}`, { count: format.count(report[one]) })}</li>
        ))}
        {report.shown.map((one) => (
          <li key={`${one.person_id}:${one.difference}`}>
            <Link to={`/people/${one.person_id}`} className="mono">
              {one.person_id}
            </Link>{" "}
            {t(`tagLinks.difference.${one.difference}`)}
          </li>
        ))}
      </ul>
    </>
  );
}
