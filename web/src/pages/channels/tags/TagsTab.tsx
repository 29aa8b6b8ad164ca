import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { useState } from "react";
import { accountTagsQuery, deleteTag } from "../../../api/channels";
import { accountSyncs } from "../../../api/syncs";
import type { AccountTag } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import { SyncPanel } from "../../syncs/SyncPanel";
import type { TabProps } from "../ChannelPage";
import styles from "../channels.module.css";
import { Failures } from "./Failures";
import { TagNameForm } from "./TagNameForm";
import { TagPeople } from "./TagPeople";

/** The tag being named: one that is there, or a new one. */
type Naming = AccountTag | "new";

export default function TagsTab({ account }: TabProps) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(accountTagsQuery(account.id));
  const [naming, setNaming] = useState<Naming | null>(null);
  const [giving, setGiving] = useState<AccountTag | null>(null);
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: (tag: AccountTag) => deleteTag(account.id, tag.id),
    onSettled: () => queries.invalidateQueries({ queryKey: ["account-tags", account.id] }),
  });
  const columns = useColumns({ onName: setNaming, onGive: setGiving, onDelete: remove.mutate });
  return (
    <div className={styles.stack}>
      {remove.error && <ErrorNotice error={remove.error} />}
      <Panel
        flush
        title={t("channel.tab.tags")}
        extra={
          <Button size="small" type="primary" onClick={() => setNaming("new")}>
            {t("tags.create")}
          </Button>
        }
      >
        <DataTable
          label={t("channel.tab.tags")}
          testId="tags-table"
          columns={columns}
          rows={data?.items}
          rowKey={(tag) => String(tag.id)}
          error={error}
          onRetry={refetch}
          empty={<EmptyState title={t("tags.empty")}>{t("tags.empty.text")}</EmptyState>}
        />
      </Panel>
      <Failures account={account} />
      <SyncPanel source={accountSyncs(account.id)} kind="tags" />
      {naming && (
        <TagNameForm
          account={account}
          tag={naming === "new" ? null : naming}
          onClose={() => setNaming(null)}
        />
      )}
      {giving && <TagPeople account={account} tag={giving} onClose={() => setGiving(null)} />}
    </div>
  );
}

type OnTag = (tag: AccountTag) => void;

function useColumns(on: { onName: OnTag; onGive: OnTag; onDelete: OnTag }): Column<AccountTag>[] {
  const { t } = useI18n();
  const format = useFormat();
  return [
    {
      key: "name",
      title: t("tags.name"),
      lead: true,
      render: (tag) => (
        <span className={styles.tagName}>
          <strong>{tag.name}</strong>
          {tag.is_reserved && <Tag>{t("tags.reserved")}</Tag>}
          {tag.waiting > 0 && (
            <Tag tone="blue">{t("tags.waiting", { count: format.count(tag.waiting), n: tag.waiting })}</Tag>
          )}
          {tag.failed > 0 && <Tag tone="red">{t("tags.failed", { count: format.count(tag.failed) })}</Tag>}
        </span>
      ),
    },
    {
      key: "platform",
      title: t("tags.platformCount"),
      align: "end",
      render: (tag) => format.count(tag.platform_count),
    },
    { key: "people", title: t("tags.people"), align: "end", render: (tag) => format.count(tag.people) },
    {
      key: "actions",
      title: t("tags.actions"),
      align: "end",
      wide: true,
      render: (tag) => <Actions tag={tag} {...on} />,
    },
  ];
}

interface ActionsProps {
  tag: AccountTag;
  onName: OnTag;
  onGive: OnTag;
  onDelete: OnTag;
}

function Actions({ tag, onName, onGive, onDelete }: ActionsProps) {
  const { t } = useI18n();
  const name = tag.name;
  return (
    <span className={styles.rowTools}>
      <Button size="small" aria-label={t("tags.give.named", { name })} onClick={() => onGive(tag)}>
        {t("tags.give")}
      </Button>
      {!tag.is_reserved && (
        <>
          <Button size="small" aria-label={t("tags.rename.named", { name })} onClick={() => onName(tag)}>
            {t("tags.rename")}
          </Button>
          <Popconfirm
            title={t("tags.deleteAsk", { name })}
            okText={t("tags.delete")}
            onConfirm={() => onDelete(tag)}
          >
            <Button size="small" danger aria-label={t("tags.delete.named", { name })}>
              {t("tags.delete")}
            </Button>
          </Popconfirm>
        </>
      )}
    </span>
  );
}
