import {
  ArrowLeftOutlined,
  ArrowRightOutlined,
  DeleteOutlined,
  EditOutlined,
  FunctionOutlined,
  LinkOutlined,
  UserAddOutlined,
} from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import {
  arrangeOwnTags,
  deleteOwnTag,
  deleteTagGroup,
  type OwnTag,
  type PersonTagGroup,
} from "../../api/personTags";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import { moved } from "../wecom/tags/names";
import styles from "../wecom/tags/tags.module.css";
import { toneOf } from "./colors";
import { GiveToMany } from "./GiveToMany";
import { GroupForm } from "./GroupForm";
import { GroupLinks } from "./platform/GroupLinks";
import { PlatformDrawer } from "./platform/PlatformDrawer";
import { RuleDrawer } from "./RuleDrawer";
import { TagForm } from "./TagForm";

type Opened =
  | { kind: "group" | "links" }
  | { kind: "tag" | "rule" | "give" | "platform"; tag: OwnTag | null }
  | null;

/** One group: its tags in order, and everything that can be done with them. */
export function GroupPanel({ group, tools }: { group: PersonTagGroup; tools?: ReactNode }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [opened, setOpened] = useState<Opened>(null);
  const refresh = () => queries.invalidateQueries({ queryKey: ["person-tags"] });
  const arrange = useMutation({
    mutationFn: (ids: readonly string[]) => arrangeOwnTags(group.id, ids),
    onSettled: refresh,
  });
  const remove = useMutation({ mutationFn: deleteOwnTag, onSettled: refresh });
  const drop = useMutation({ mutationFn: () => deleteTagGroup(group.id), onSettled: refresh });
  const error = arrange.error ?? remove.error ?? drop.error;
  const close = () => setOpened(null);
  return (
    <section className={styles.group} aria-label={group.name}>
      <header className={styles.groupHead}>
        <h3>
          {group.name}{" "}
          {group.is_exclusive && (
            <span title={t("ownTags.exclusive.hint")}>
              <Tag>{t("ownTags.exclusive")}</Tag>
            </span>
          )}
        </h3>
        <span className={styles.tools}>
          {tools}
          <Button size="small" onClick={() => setOpened({ kind: "tag", tag: null })}>
            {t("ownTags.newTag")}
          </Button>
          {group.tags.length > 0 && (
            <Button
              type="text"
              size="small"
              icon={<LinkOutlined />}
              aria-label={t("tagLinks.group.named", { name: group.name })}
              onClick={() => setOpened({ kind: "links" })}
            />
          )}
          <Button
            type="text"
            size="small"
            icon={<EditOutlined />}
            aria-label={t("ownTags.edit.named", { name: group.name })}
            onClick={() => setOpened({ kind: "group" })}
          />
          {group.tags.length === 0 && (
            <Button
              type="text"
              size="small"
              danger
              icon={<DeleteOutlined />}
              aria-label={t("ownTags.delete.named", { name: group.name })}
              onClick={() => drop.mutate()}
            />
          )}
        </span>
      </header>
      {error && <ErrorNotice error={error} />}
      {group.tags.length === 0 && <p className="muted">{t("ownTags.noTags")}</p>}
      <ul className={styles.tags}>
        {group.tags.map((tag, place) => (
          <li key={tag.id} className={styles.tag} data-testid="person-tag">
            <TagWords tag={tag} group={group} />
            <span className={styles.tools}>
              <Button
                type="text"
                size="small"
                icon={<UserAddOutlined />}
                aria-label={t("ownTags.give.named", { name: tag.name })}
                onClick={() => setOpened({ kind: "give", tag })}
              />
              <Button
                type="text"
                size="small"
                icon={<FunctionOutlined />}
                aria-label={t("ownTags.rule.named", { name: tag.name })}
                onClick={() => setOpened({ kind: "rule", tag })}
              />
              <Button
                type="text"
                size="small"
                icon={<LinkOutlined />}
                aria-label={t("tagLinks.named", { name: tag.name })}
                onClick={() => setOpened({ kind: "platform", tag })}
              />
              <Button
                type="text"
                size="small"
                icon={<EditOutlined />}
                aria-label={t("ownTags.edit.named", { name: tag.name })}
                onClick={() => setOpened({ kind: "tag", tag })}
              />
              <Movers group={group} place={place} name={tag.name} onArrange={arrange.mutate} />
              <Popconfirm
                title={t("ownTags.delete.ask", { name: tag.name })}
                okText={t("ownTags.delete")}
                onConfirm={() => remove.mutate(tag.id)}
              >
                <Button
                  type="text"
                  size="small"
                  danger
                  icon={<DeleteOutlined />}
                  aria-label={t("ownTags.delete.named", { name: tag.name })}
                />
              </Popconfirm>
            </span>
          </li>
        ))}
      </ul>
      {opened?.kind === "group" && <GroupForm group={group} onClose={close} />}
      {opened?.kind === "links" && <GroupLinks group={group} onClose={close} />}
      {opened?.kind === "tag" && <TagForm group={group} tag={opened.tag} onClose={close} />}
      {opened?.kind === "give" && opened.tag && <GiveToMany tag={opened.tag} onClose={close} />}
      {opened?.kind === "rule" && opened.tag && <RuleDrawer tag={opened.tag} onClose={close} />}
      {opened?.kind === "platform" && opened.tag && <PlatformDrawer tag={opened.tag} onClose={close} />}
    </section>
  );
}

function TagWords({ tag, group }: { tag: OwnTag; group: PersonTagGroup }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <span title={tag.description}>
      <Tag tone={toneOf(group.color)}>{tag.name}</Tag>{" "}
      {tag.people !== null && (
        <Link to={`/people?tag=${tag.id}`} className={`${styles.small} num`}>
          {t("ownTags.people", { count: format.count(tag.people), n: tag.people })}
        </Link>
      )}{" "}
      {tag.rule_segment && <Tag tone="blue">{t("ownTags.byRule")}</Tag>}{" "}
      {tag.lasts_days !== null && (
        <span className={styles.small}>{t("ownTags.lasts", { n: tag.lasts_days })}</span>
      )}
    </span>
  );
}

interface MoversProps {
  group: PersonTagGroup;
  place: number;
  name: string;
  onArrange: (ids: readonly string[]) => void;
}

function Movers({ group, place, name, onArrange }: MoversProps) {
  const { t } = useI18n();
  const ids = group.tags.map((tag) => tag.id);
  if (ids.length < 2) return null;
  return (
    <>
      <Button
        type="text"
        size="small"
        icon={<ArrowLeftOutlined />}
        disabled={place === 0}
        aria-label={t("wecom.tags.before.named", { name })}
        onClick={() => onArrange(moved(ids, place, -1))}
      />
      <Button
        type="text"
        size="small"
        icon={<ArrowRightOutlined />}
        disabled={place === ids.length - 1}
        aria-label={t("wecom.tags.after.named", { name })}
        onClick={() => onArrange(moved(ids, place, 1))}
      />
    </>
  );
}
