import { ArrowDownOutlined, ArrowUpOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm, Switch } from "antd";
import { deleteReply, orderReplies, saveReply } from "../../../api/channels";
import type { ReplyRule, ReplyTrigger } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import type { TabProps } from "../ChannelPage";
import { moved } from "../content/content";
import { useContentWords } from "../content/useContentWords";
import type { Writing } from "./RepliesTab";
import styles from "./replies.module.css";
import { draftOf } from "./rules";

interface RuleListProps extends TabProps {
  trigger: ReplyTrigger;
  rules: readonly ReplyRule[];
  onWrite: (writing: Writing) => void;
}

/** Rules in the order they are tried; the arrows change it. */
export function RuleList({ account, trigger, rules, onWrite }: RuleListProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const settle = () => queries.invalidateQueries({ queryKey: ["replies", account.id] });
  const change = useMutation({
    mutationFn: (rule: ReplyRule) => saveReply(account.id, rule.id, draftOf(rule)),
    onSettled: settle,
  });
  const order = useMutation({
    mutationFn: (ids: string[]) => orderReplies(account.id, ids),
    onSettled: settle,
  });
  const remove = useMutation({
    mutationFn: (rule: ReplyRule) => deleteReply(account.id, rule.id),
    onSettled: settle,
  });
  const move = (from: number, by: -1 | 1) => {
    const ids = rules.map((rule) => rule.id);
    order.mutate(moved(ids, from, by));
  };
  const failure = change.error ?? order.error ?? remove.error;
  return (
    <>
      {failure && <ErrorNotice error={failure} />}
      <ol className={styles.rules} aria-label={t(`trigger.${trigger}`)}>
        {rules.map((rule, index) => (
          <li key={rule.id} className={rule.enabled ? "" : styles.off} data-testid="reply-rule">
            <RuleText rule={rule} onOpen={() => onWrite({ rule })} />
            <div className={styles.tools}>
              {trigger === "keyword" && (
                <Arrows
                  rule={rule}
                  isFirst={index === 0}
                  isLast={index === rules.length - 1}
                  isBusy={order.isPending}
                  onMove={(by) => move(index, by)}
                />
              )}
              <Switch
                size="small"
                checked={rule.enabled}
                loading={change.isPending && change.variables.id === rule.id}
                aria-label={t("reply.enabled", { name: rule.name })}
                onChange={(enabled) => change.mutate({ ...rule, enabled })}
              />
              <Popconfirm
                title={t("reply.deleteAsk", { name: rule.name })}
                okText={t("reply.delete")}
                onConfirm={() => remove.mutate(rule)}
              >
                <Button
                  size="small"
                  type="text"
                  danger
                  aria-label={t("reply.deleteNamed", { name: rule.name })}
                >
                  {t("reply.delete")}
                </Button>
              </Popconfirm>
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}

function RuleText({ rule, onOpen }: { rule: ReplyRule; onOpen: () => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const words = useContentWords();
  return (
    <div className={styles.rule}>
      <button type="button" className={styles.ruleName} onClick={onOpen}>
        {rule.name}
      </button>
      {(rule.keywords.length > 0 || rule.menu_key) && (
        <span className={styles.keywords}>
          {rule.keywords.map((keyword) => (
            <Tag key={`${keyword.match}:${keyword.text}`} tone={keyword.match === "regex" ? "blue" : "plain"}>
              <span className={styles.keyword}>
                {t(`match.${keyword.match}.short`)} {keyword.text}
              </span>
            </Tag>
          ))}
          {rule.menu_key && <Tag>{rule.menu_key}</Tag>}
        </span>
      )}
      <span className={styles.says}>
        {rule.mode === "one" && `${t("reply.oneOf")} `}
        {rule.contents.map(words).join(rule.mode === "one" ? " / " : " + ")}
      </span>
      <small className="muted num">
        {t("reply.answered", { count: format.count(rule.answered_30d), n: rule.answered_30d })}
      </small>
    </div>
  );
}

interface ArrowsProps {
  rule: ReplyRule;
  isFirst: boolean;
  isLast: boolean;
  isBusy: boolean;
  onMove: (by: -1 | 1) => void;
}

function Arrows({ rule, isFirst, isLast, isBusy, onMove }: ArrowsProps) {
  const { t } = useI18n();
  return (
    <span className={styles.arrows}>
      <Button
        size="small"
        type="text"
        icon={<ArrowUpOutlined />}
        disabled={isFirst || isBusy}
        aria-label={t("reply.earlier", { name: rule.name })}
        onClick={() => onMove(-1)}
      />
      <Button
        size="small"
        type="text"
        icon={<ArrowDownOutlined />}
        disabled={isLast || isBusy}
        aria-label={t("reply.later", { name: rule.name })}
        onClick={() => onMove(1)}
      />
    </span>
  );
}
