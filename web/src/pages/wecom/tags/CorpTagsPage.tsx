import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { corpSyncs } from "../../../api/syncs";
import { corpsQuery } from "../../../api/wecom/corps";
import { type ConflictPolicy, corpTagsQuery, readCorpTags, setTagPolicy } from "../../../api/wecom/tags";
import { useAgo } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Page, Panel } from "../../../ui/Page";
import { PanelSkeleton } from "../../../ui/PageSkeleton";
import { SearchBox } from "../../../ui/SearchBox";
import { useSearchState } from "../../../ui/useSearchState";
import { Field } from "../../channels/content/Field";
import { SyncPanel } from "../../syncs/SyncPanel";
import { Conflicts } from "./Conflicts";
import { Failures } from "./Failures";
import { NewTagsForm } from "./NewTagsForm";
import { TagGroups } from "./TagGroups";
import styles from "./tags.module.css";

const POLICIES: readonly ConflictPolicy[] = ["platform", "ours", "newest"];

export default function CorpTagsPage() {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(corpsQuery);
  const [chosen, setChosen] = useSearchState("corp");
  const corp = data?.items.find((one) => one.id === chosen) ?? data?.items[0];
  return (
    <Page
      title={t("nav.corpTags")}
      lead={t("wecom.tags.lead")}
      actions={
        data &&
        data.items.length > 1 && (
          <Select
            aria-label={t("wecom.tags.corp")}
            value={corp?.id}
            onChange={setChosen}
            options={data.items.map((one) => ({ value: one.id, label: one.name || one.corp_id }))}
            style={{ minWidth: 180 }}
          />
        )
      }
    >
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton />}
      {data && !corp && (
        <Panel>
          <EmptyState
            title={t("wecom.tags.noCorp")}
            action={<Link to="/channels">{t("wecom.tags.noCorp.connect")}</Link>}
          >
            {t("wecom.tags.noCorp.text")}
          </EmptyState>
        </Panel>
      )}
      {corp && <Tags key={corp.id} corp={corp.id} />}
    </Page>
  );
}

function Tags({ corp }: { corp: string }) {
  const { t, locale } = useI18n();
  const ago = useAgo();
  const [q, setQ] = useSearchState("q");
  const [creating, setCreating] = useState(false);
  const { data, error, refetch } = useQuery(corpTagsQuery(corp));
  const queries = useQueryClient();
  const read = useMutation({
    mutationFn: () => readCorpTags(corp),
    onSettled: () => queries.invalidateQueries({ queryKey: ["corp-tags", corp] }),
  });
  const reason = locale === "zh" ? data?.reason_zh : data?.reason_en;
  return (
    <div className={styles.stack}>
      <div className={styles.tools}>
        <SearchBox value={q} onChange={setQ} label={t("wecom.tags.search")} />
        <Button loading={read.isPending} onClick={() => read.mutate()}>
          {t("wecom.tags.read")}
        </Button>
        <Button type="primary" onClick={() => setCreating(true)}>
          {t("wecom.tags.newGroup")}
        </Button>
      </div>
      {read.error && <ErrorNotice error={read.error} />}
      <Panel
        flush
        testId="corp-tags"
        title={t("nav.corpTags")}
        extra={data?.listed_at && t("wecom.tags.listedAt", { ago: ago(data.listed_at) })}
      >
        {reason && <p className={`${styles.group} muted`}>{t("wecom.tags.notListed", { reason: reason })}</p>}
        {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
        {!data && !error && <PanelSkeleton />}
        {data && <TagGroups corp={corp} groups={data.groups} isListing={data.is_listing} q={q} />}
      </Panel>
      {data && <Policy corp={corp} policy={data.policy} />}
      <Conflicts corp={corp} />
      <Failures corp={corp} />
      <SyncPanel source={corpSyncs(corp)} kind="customers" />
      {creating && <NewTagsForm corp={corp} onClose={() => setCreating(false)} />}
    </div>
  );
}

/** Whose word counts, with what each choice means. */
function Policy({ corp, policy }: { corp: string; policy: ConflictPolicy }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (next: ConflictPolicy) => setTagPolicy(corp, next),
    onSettled: () => queries.invalidateQueries({ queryKey: ["corp-tags", corp] }),
  });
  return (
    <Panel title={t("wecom.tags.policy")}>
      <Field label={t("wecom.tags.policy.label")} hint={t(`wecom.tags.policy.${policy}.text`)}>
        {(id) => (
          <Select<ConflictPolicy>
            id={id}
            value={policy}
            loading={change.isPending}
            onChange={(next) => change.mutate(next)}
            options={POLICIES.map((value) => ({ value, label: t(`wecom.tags.policy.${value}`) }))}
            style={{ maxWidth: 320, width: "100%" }}
          />
        )}
      </Field>
      {change.error && <ErrorNotice error={change.error} />}
    </Panel>
  );
}
