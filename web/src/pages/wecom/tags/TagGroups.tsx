import {
  ArrowDownOutlined,
  ArrowLeftOutlined,
  ArrowRightOutlined,
  ArrowUpOutlined,
  DeleteOutlined,
  EditOutlined,
  UserAddOutlined,
} from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { type ReactNode, useState } from "react";
import { arrangeCorpTags, type CorpTag, type CorpTagGroup, deleteCorpTag } from "../../../api/wecom/tags";
import { useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import { NewTagsForm } from "./NewTagsForm";
import { moved } from "./names";
import { RenameForm } from "./RenameForm";
import { TagCustomers } from "./TagCustomers";
import styles from "./tags.module.css";

interface TagGroupsProps {
  corp: string;
  groups: readonly CorpTagGroup[];
  isListing: boolean;
  q: string;
}

function matching(groups: readonly CorpTagGroup[], q: string): CorpTagGroup[] {
  const wanted = q.trim().toLowerCase();
  if (!wanted) return [...groups];
  return groups.flatMap((group) => {
    if (group.name.toLowerCase().includes(wanted)) return [group];
    const tags = group.tags.filter((tag) => tag.name.toLowerCase().includes(wanted));
    return tags.length > 0 ? [{ ...group, tags }] : [];
  });
}

/** Groups in the platform's order; order and names can be changed where all that moves is ours. */
export function TagGroups({ corp, groups, isListing, q }: TagGroupsProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: ["corp-tags", corp] });
  const arrange = useMutation({
    mutationFn: (ids: readonly string[]) => arrangeCorpTags(corp, ids),
    onSettled: refresh,
  });
  const remove = useMutation({ mutationFn: (id: string) => deleteCorpTag(corp, id), onSettled: refresh });
  const shown = matching(groups, q);
  const canMoveGroups = !q && groups.every((group) => group.is_own);
  const error = arrange.error ?? remove.error;
  if (shown.length === 0) {
    return (
      <EmptyState title={t(q ? "wecom.tags.notFound" : "wecom.tags.empty")}>
        {t(q ? "wecom.tags.notFound.text" : isListing ? "wecom.tags.listing" : "wecom.tags.empty.text")}
      </EmptyState>
    );
  }
  return (
    <>
      {error && <ErrorNotice error={error} />}
      {shown.map((group, place) => (
        <Group
          key={group.id}
          corp={corp}
          group={group}
          onDelete={remove.mutate}
          onArrange={q ? undefined : arrange.mutate}
          movers={
            canMoveGroups && (
              <Movers
                name={group.name}
                vertical
                ids={groups.map((one) => one.id)}
                place={place}
                onArrange={arrange.mutate}
              />
            )
          }
        />
      ))}
    </>
  );
}

interface GroupProps {
  corp: string;
  group: CorpTagGroup;
  movers: ReactNode;
  onDelete: (id: string) => void;
  onArrange?: (ids: readonly string[]) => void;
}

function Group({ corp, group, movers, onDelete, onArrange }: GroupProps) {
  const { t } = useI18n();
  const [isAdding, setAdding] = useState(false);
  const [renaming, setRenaming] = useState<{ id: string; name: string } | null>(null);
  const [giving, setGiving] = useState<CorpTag | null>(null);
  return (
    <section className={styles.group} aria-label={group.name}>
      <header className={styles.groupHead}>
        <h3>
          {group.name}{" "}
          {!group.is_own && (
            <span title={t("wecom.tags.foreign.text")}>
              <Tag>{t("wecom.tags.foreign")}</Tag>
            </span>
          )}
        </h3>
        <span className={styles.tools}>
          {movers}
          <Button size="small" onClick={() => setAdding(true)}>
            {t("wecom.tags.add")}
          </Button>
          {group.is_own && <Editing item={group} onRename={setRenaming} onDelete={onDelete} isGroup />}
        </span>
      </header>
      <ul className={styles.tags}>
        {group.tags.map((tag, place) => (
          <li key={tag.id} className={styles.tag} data-testid="corp-tag">
            <TagWords tag={tag} />
            <span className={styles.tools}>
              <Button
                type="text"
                size="small"
                icon={<UserAddOutlined />}
                aria-label={t("wecom.tags.give.named", { name: tag.name })}
                onClick={() => setGiving(tag)}
              />
              {tag.is_own && <Editing item={tag} onRename={setRenaming} onDelete={onDelete} />}
              {group.is_own && onArrange && (
                <Movers
                  name={tag.name}
                  ids={group.tags.map((one) => one.id)}
                  place={place}
                  onArrange={onArrange}
                />
              )}
            </span>
          </li>
        ))}
      </ul>
      {isAdding && <NewTagsForm corp={corp} group={group} onClose={() => setAdding(false)} />}
      {renaming && <RenameForm corp={corp} item={renaming} onClose={() => setRenaming(null)} />}
      {giving && <TagCustomers corp={corp} tag={giving} onClose={() => setGiving(null)} />}
    </section>
  );
}

function TagWords({ tag }: { tag: CorpTag }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <span>
      <strong>{tag.name}</strong>{" "}
      <span className={`${styles.small} num`}>
        {t("wecom.tags.customers", { count: format.count(tag.customers), n: tag.customers })}
      </span>{" "}
      {tag.waiting > 0 && (
        <Tag tone="blue">{t("wecom.tags.waiting", { count: format.count(tag.waiting) })}</Tag>
      )}
      {tag.failed > 0 && <Tag tone="red">{t("wecom.tags.failed", { count: format.count(tag.failed) })}</Tag>}
    </span>
  );
}

interface EditingProps {
  item: { id: string; name: string };
  isGroup?: boolean;
  onRename: (item: { id: string; name: string }) => void;
  onDelete: (id: string) => void;
}

function Editing({ item, isGroup, onRename, onDelete }: EditingProps) {
  const { t } = useI18n();
  const name = item.name;
  return (
    <>
      <Button
        type="text"
        size="small"
        icon={<EditOutlined />}
        aria-label={t("wecom.tags.rename.named", { name })}
        onClick={() => onRename({ id: item.id, name })}
      />
      <Popconfirm
        title={t(isGroup ? "wecom.tags.deleteGroup.ask" : "wecom.tags.delete.ask", { name })}
        okText={t("wecom.tags.delete")}
        onConfirm={() => onDelete(item.id)}
      >
        <Button
          type="text"
          size="small"
          danger
          icon={<DeleteOutlined />}
          aria-label={t("wecom.tags.delete.named", { name })}
        />
      </Popconfirm>
    </>
  );
}

interface MoversProps {
  name: string;
  vertical?: boolean;
  ids: readonly string[];
  place: number;
  onArrange: (ids: readonly string[]) => void;
}

function Movers({ name, vertical, ids, place, onArrange }: MoversProps) {
  const { t } = useI18n();
  const before = vertical ? <ArrowUpOutlined /> : <ArrowLeftOutlined />;
  const after = vertical ? <ArrowDownOutlined /> : <ArrowRightOutlined />;
  return (
    <>
      <Button
        type="text"
        size="small"
        icon={before}
        disabled={place === 0}
        aria-label={t("wecom.tags.before.named", { name })}
        onClick={() => onArrange(moved(ids, place, -1))}
      />
      <Button
        type="text"
        size="small"
        icon={after}
        disabled={place === ids.length - 1}
        aria-label={t("wecom.tags.after.named", { name })}
        onClick={() => onArrange(moved(ids, place, 1))}
      />
    </>
  );
}
