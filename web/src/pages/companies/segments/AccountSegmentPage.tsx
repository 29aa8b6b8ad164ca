import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Popconfirm } from "antd";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import {
  type AccountMembers,
  type AccountSegment,
  accountMembersQuery,
  accountPreviewQuery,
  accountSegmentQuery,
  deleteAccountSegment,
  saveAccountSegment,
} from "../../../api/companies";
import { useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { LoadMore } from "../../../ui/LoadMore";
import { Page, Panel } from "../../../ui/Page";
import { PageSkeleton } from "../../../ui/PageSkeleton";
import { useDebounced } from "../../../ui/useDebounced";
import { useFormat } from "../../../ui/useFormat";
import styles from "../companies.module.css";
import { AccountGroupEditor } from "./AccountGroupEditor";
import { type AccountCondition, asAccountGroup, isComplete, toDefinition } from "./tree";

/** One segment of companies: its conditions, and which companies fit. */
export default function AccountSegmentPage() {
  const { id = "new" } = useParams();
  const isNew = id === "new";
  const { data, error, refetch } = useQuery({ ...accountSegmentQuery(id), enabled: !isNew });
  if (isNew) return <Editor key="new" segment={null} />;
  if (error && !data) return <ErrorNotice error={error} onRetry={refetch} />;
  return data ? <Editor key={data.id} segment={data} /> : <PageSkeleton />;
}

function Editor({ segment }: { segment: AccountSegment | null }) {
  const { t } = useI18n();
  const go = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState(segment?.name ?? "");
  const [tree, setTree] = useState<AccountCondition>(() =>
    segment ? asAccountGroup(segment.definition) : { kind: "all", of: [] },
  );
  const save = useMutation({
    mutationFn: () => saveAccountSegment(segment?.id ?? null, name.trim(), toDefinition(tree)),
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ["account-segments"] });
      go(`/account-segments/${saved.id}`);
    },
  });
  const remove = useMutation({
    mutationFn: () => deleteAccountSegment(segment?.id ?? ""),
    onSuccess: async () => {
      go("/companies?tab=segments");
      await queries.invalidateQueries({ queryKey: ["account-segments"] });
    },
  });
  const isReady = name.trim() !== "" && isComplete(tree);
  const error = save.error ?? remove.error;
  return (
    <Page
      title={segment?.name ?? t("accounts.new")}
      back={{ to: "/companies?tab=segments", label: t("accounts.tab") }}
      actions={
        <>
          {segment && (
            <Popconfirm
              title={t("accounts.delete.ask")}
              okText={t("accounts.delete")}
              onConfirm={() => remove.mutate()}
            >
              <Button danger>{t("accounts.delete")}</Button>
            </Popconfirm>
          )}
          <Button type="primary" disabled={!isReady} loading={save.isPending} onClick={() => save.mutate()}>
            {t("save")}
          </Button>
        </>
      }
    >
      {error && <ErrorNotice error={error} />}
      {save.isSuccess && <p role="status">{t("saved")}</p>}
      <Panel title={t("accounts.conditions")}>
        <div className={styles.stack}>
          <Input
            value={name}
            maxLength={80}
            aria-label={t("accounts.name")}
            placeholder={t("accounts.name")}
            onChange={(event) => setName(event.target.value)}
          />
          <AccountGroupEditor group={asAccountGroup(toDefinition(tree))} onChange={setTree} />
        </div>
      </Panel>
      <Fitting tree={tree} />
      {segment && <Members id={segment.id} />}
    </Page>
  );
}

/** Which companies the conditions select as they are now, before anything is saved. */
function Fitting({ tree }: { tree: AccountCondition }) {
  const { t } = useI18n();
  const asked = useDebounced(tree);
  const isReady = isComplete(asked);
  const { data, error, refetch } = useQuery({
    ...accountPreviewQuery(toDefinition(asked)),
    enabled: isReady,
  });
  return (
    <Panel title={t("accounts.members")} testId="accounts-fitting">
      {!isReady && <p className="muted">{t("accounts.incomplete")}</p>}
      {isReady && error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {isReady && data && <Rows found={[data]} />}
    </Panel>
  );
}

function Members({ id }: { id: string }) {
  const { t } = useI18n();
  const members = useInfiniteQuery(accountMembersQuery(id));
  return (
    <Panel title={t("accounts.tab")} testId="account-members">
      {members.error && !members.data && <ErrorNotice error={members.error} onRetry={members.refetch} />}
      {members.data && <Rows found={members.data.pages} />}
      <LoadMore pager={members} />
    </Panel>
  );
}

function Rows({ found }: { found: readonly AccountMembers[] }) {
  const { t } = useI18n();
  const format = useFormat();
  const count = found[0]?.count ?? 0;
  if (count === 0) return <EmptyState title={t("accounts.nobody")} />;
  return (
    <>
      <p role="status">{t("accounts.count", { count: format.count(count), n: count })}</p>
      <ul className={styles.tree}>
        {found
          .flatMap((page) => page.items)
          .map((row) => (
            <li key={row.id}>
              <Link to={`/companies/${row.id}`}>{row.name || row.id}</Link>
              <small>
                {t("companies.tree.people", { count: format.count(row.contacts), n: row.contacts })}
              </small>
            </li>
          ))}
      </ul>
    </>
  );
}
