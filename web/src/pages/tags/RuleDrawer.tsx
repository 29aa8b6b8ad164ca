import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Popconfirm } from "antd";
import { useState } from "react";
import {
  clearTagRule,
  type OwnTag,
  setTagRule,
  type TagRule,
  tagRuleQuery,
  tryTagRule,
} from "../../api/personTags";
import { catalogueQuery } from "../../api/queries";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import { PersonName } from "../people/PersonName";
import { GroupEditor } from "../segments/GroupEditor";
import {
  asGroup,
  type Condition,
  countLeaves,
  emptyGroup,
  fromJson,
  isComplete,
  toJson,
} from "../segments/tree";
import styles from "../wecom/tags/tags.module.css";

/** The rule of a tag: tried first, then saved; people's own word stays above it. */
export function RuleDrawer({ tag, onClose }: { tag: OwnTag; onClose: () => void }) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(tagRuleQuery(tag.id));
  return (
    <Drawer open onClose={onClose} size={640} title={t("ownTags.rule.title", { name: tag.name })}>
      <div className={styles.stack} data-testid="person-tag-rule">
        <p className="soft">{t("ownTags.rule.text")}</p>
        {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
        {!data && !error && <PanelSkeleton />}
        {data && <RuleEditor tag={tag} rule={data.rule} onClose={onClose} />}
      </div>
    </Drawer>
  );
}

function RuleEditor({ tag, rule, onClose }: { tag: OwnTag; rule: TagRule | null; onClose: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const { data: catalogue } = useQuery(catalogueQuery);
  const [tree, setTree] = useState<Condition>(() => (rule ? fromJson(rule.definition) : emptyGroup()));
  const settled = () => {
    queries.invalidateQueries({ queryKey: ["person-tags"] });
    queries.invalidateQueries({ queryKey: ["person-tag-rule", tag.id] });
    onClose();
  };
  const attempt = useMutation({ mutationFn: () => tryTagRule(tag.id, toJson(tree)) });
  const save = useMutation({ mutationFn: () => setTagRule(tag.id, toJson(tree)), onSuccess: settled });
  const clear = useMutation({ mutationFn: () => clearTagRule(tag.id), onSuccess: settled });
  const isReady = isComplete(tree) && countLeaves(tree) > 0;
  const error = attempt.error ?? save.error ?? clear.error;
  return (
    <>
      {rule && <Standing rule={rule} />}
      <GroupEditor
        group={asGroup(tree)}
        catalogue={catalogue}
        onChange={(next) => {
          attempt.reset();
          setTree(next);
        }}
      />
      <p className={styles.tools}>
        <Button disabled={!isReady} loading={attempt.isPending} onClick={() => attempt.mutate()}>
          {t("ownTags.rule.try")}
        </Button>
        <Button type="primary" disabled={!isReady} loading={save.isPending} onClick={() => save.mutate()}>
          {t("ownTags.rule.save")}
        </Button>
        {rule && (
          <Popconfirm
            title={t("ownTags.rule.clear.ask")}
            okText={t("ownTags.rule.clear")}
            onConfirm={() => clear.mutate()}
          >
            <Button danger loading={clear.isPending}>
              {t("ownTags.rule.clear")}
            </Button>
          </Popconfirm>
        )}
      </p>
      {error && <ErrorNotice error={error} />}
      <div role="status">{attempt.data && <Tried {...attempt.data} />}</div>
    </>
  );
}

function Standing({ rule }: { rule: TagRule }) {
  const { t } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  return (
    <p className="muted">
      {t(rule.settled ? "ownTags.rule.settled" : "ownTags.rule.working", {
        count: format.count(rule.members),
        ago: rule.as_of ? ago(rule.as_of) : "–",
      })}
      {rule.error && ` · ${rule.error}`}
    </p>
  );
}

function Tried({ count, carrying, sample }: Awaited<ReturnType<typeof tryTagRule>>) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <>
      <p>{t("ownTags.rule.tried", { count: format.count(count), carrying: format.count(carrying) })}</p>
      <ul className={styles.stack}>
        {sample.map((person) => (
          <li key={person.id}>
            <PersonName
              id={person.id}
              name={person.display_name}
              seed={person.avatar_seed}
              note={person.city}
            />
          </li>
        ))}
      </ul>
    </>
  );
}
