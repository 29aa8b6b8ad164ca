import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm, Progress, Select } from "antd";
import { useState } from "react";
import {
  isMaking,
  type PackageLanguage,
  packageAddress,
  type RightsPackage,
  type RightsRequest,
  removeRightsPackage,
  rightsPackagesQuery,
  startRightsPackage,
} from "../../api/rights";
import { useAgo, useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import styles from "./rights.module.css";

/** What was gathered for the person: made in the background, taken on record, gone after a while. */
export function Packages({ request }: { request: RightsRequest }) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(rightsPackagesQuery(request.id));
  if (!data && !error) return <PanelSkeleton />;
  const items = data?.items ?? [];
  return (
    <Panel title={t("rights.package")} testId="rights-packages">
      <div className={styles.stack}>
        {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
        {items.length === 0 && <p className="muted">{t("rights.package.text")}</p>}
        {request.state === "open" && !items.some(isMaking) && (
          <Start request={request} isFirst={!items.some((one) => one.can_fetch)} />
        )}
        {items.map((one) => (
          <OnePackage key={one.id} one={one} request={request} />
        ))}
      </div>
    </Panel>
  );
}

function useSettled(id: string) {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ["rights-packages", id] });
}

function Start({ request, isFirst }: { request: RightsRequest; isFirst: boolean }) {
  const { t } = useI18n();
  const [language, setLanguage] = useState<PackageLanguage | "">("");
  const settled = useSettled(request.id);
  const start = useMutation({
    mutationFn: () => startRightsPackage(request.id, language || undefined),
    onSettled: settled,
  });
  const languages = [
    { value: "" as const, label: t("rights.package.language.own") },
    { value: "zh" as const, label: "中文" },
    { value: "en" as const, label: "English" },
  ];
  return (
    <>
      <span className={styles.tools}>
        <Select
          value={language}
          options={languages}
          aria-label={t("rights.package.language")}
          onChange={setLanguage}
        />
        <Button
          type={isFirst ? "primary" : "default"}
          loading={start.isPending}
          onClick={() => start.mutate()}
        >
          {t(isFirst ? "rights.package.start" : "rights.package.again")}
        </Button>
      </span>
      {start.error && <ErrorNotice error={start.error} />}
    </>
  );
}

function OnePackage({ one, request }: { one: RightsPackage; request: RightsRequest }) {
  const { t } = useI18n();
  const format = useFormat();
  const zone = useZone();
  const ago = useAgo();
  return (
    <div className={styles.package} data-testid="rights-package">
      <span className={styles.tools}>
        <PackageTag one={one} />
        <span className="muted">
          {one.actor} · {ago(one.created_at)} · {t("rights.package.rows", { count: format.count(one.rows) })}
        </span>
      </span>
      {isMaking(one) && (
        <Progress
          percent={Math.floor((one.done / Math.max(1, one.of)) * 100)}
          size="small"
          aria-label={t("progress")}
        />
      )}
      {one.trouble && (
        <p className={styles.trouble} role="status">
          {t("rights.package.trouble", { attempts: one.attempts, reason: one.trouble })}
        </p>
      )}
      {one.can_fetch && (
        <p className="muted">{t("rights.package.until", { at: formatDateTime(one.expires_at, zone) })}</p>
      )}
      {!one.removed && <Deeds one={one} request={request} />}
      {one.fetches.map((fetch) => (
        <p key={fetch.fetched_at} className="muted">
          {t("rights.package.taken", { who: fetch.actor, at: formatDateTime(fetch.fetched_at, zone) })}
        </p>
      ))}
      <Where one={one} />
    </div>
  );
}

function PackageTag({ one }: { one: RightsPackage }) {
  const { t } = useI18n();
  if (one.removed) {
    return (
      <Tag>
        {t(`rights.package.removed.${one.removed}`)}
        {one.removed_by && ` · ${one.removed_by}`}
      </Tag>
    );
  }
  return <Tag tone={one.state === "done" ? "jade" : "blue"}>{t(`rights.package.state.${one.state}`)}</Tag>;
}

function Deeds({ one, request }: { one: RightsPackage; request: RightsRequest }) {
  const { t } = useI18n();
  const settled = useSettled(request.id);
  const remove = useMutation({ mutationFn: () => removeRightsPackage(one.id), onSettled: settled });
  return (
    <span className={styles.tools}>
      {one.can_fetch && (
        <Button type="primary" href={packageAddress(one.id)} onClick={() => setTimeout(settled, 1_000)}>
          {t("rights.download")}
        </Button>
      )}
      <Popconfirm
        title={t("rights.package.removeAsk")}
        okText={t("rights.package.remove")}
        onConfirm={() => remove.mutate()}
      >
        <Button loading={remove.isPending}>{t("rights.package.remove")}</Button>
      </Popconfirm>
      {remove.error && <ErrorNotice error={remove.error} />}
    </span>
  );
}

/** What was found in which store; places that hold nothing are left out. */
function Where({ one }: { one: RightsPackage }) {
  const { t } = useI18n();
  const format = useFormat();
  const found = one.gathered.filter(({ rows }) => rows > 0);
  if (found.length === 0) return null;
  return (
    <details>
      <summary>{t("rights.package.where")}</summary>
      <ul className={styles.stores}>
        {found.map(({ section, store, rows }) => (
          <li key={`${store}:${section}`}>
            <span>
              <code>{section}</code> <span className="muted">{t(`rights.package.store.${store}`)}</span>
            </span>
            <span className="num">{format.count(rows)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
