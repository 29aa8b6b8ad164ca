import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { repliesQuery } from "../../../api/channels";
import type { ReplyRule, ReplyTrigger } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { PanelSkeleton } from "../../../ui/PageSkeleton";
import type { TabProps } from "../ChannelPage";
import { RuleDrawer } from "./RuleDrawer";
import { RuleList } from "./RuleList";
import styles from "./replies.module.css";
import { isSingle, lastPriority, TRIGGERS } from "./rules";
import { TryBox } from "./TryBox";

/** The rule being written: one that is kept, or a new one for a trigger. */
export type Writing = { rule: ReplyRule } | { trigger: ReplyTrigger; priority: number };

export default function RepliesTab({ account }: TabProps) {
  const { data, error, refetch } = useQuery(repliesQuery(account.id));
  const [writing, setWriting] = useState<Writing | null>(null);
  if (error && !data) return <ErrorNotice error={error} onRetry={refetch} />;
  if (!data) return <PanelSkeleton />;
  return (
    <div className={styles.replies}>
      <div className={styles.sections}>
        {TRIGGERS.map((trigger) => (
          <Section
            key={trigger}
            account={account}
            trigger={trigger}
            rules={data.items.filter((rule) => rule.trigger === trigger)}
            onWrite={setWriting}
          />
        ))}
      </div>
      <TryBox account={account} />
      {writing && <RuleDrawer account={account} writing={writing} onClose={() => setWriting(null)} />}
    </div>
  );
}

interface SectionProps extends TabProps {
  trigger: ReplyTrigger;
  rules: readonly ReplyRule[];
  onWrite: (writing: Writing) => void;
}

function Section({ account, trigger, rules, onWrite }: SectionProps) {
  const { t } = useI18n();
  const isFull = isSingle(trigger) && rules.some((rule) => rule.enabled);
  const add = () => onWrite({ trigger, priority: lastPriority(rules) });
  return (
    <Panel
      flush
      testId={`replies-${trigger}`}
      title={t(`trigger.${trigger}`)}
      extra={
        !isFull && (
          <Button
            size="small"
            onClick={add}
            aria-label={t("reply.addTo", { trigger: t(`trigger.${trigger}`) })}
          >
            {t("reply.add")}
          </Button>
        )
      }
    >
      <p className={styles.hint}>{t(`trigger.${trigger}.hint`)}</p>
      {rules.length > 0 ? (
        <RuleList account={account} trigger={trigger} rules={rules} onWrite={onWrite} />
      ) : (
        trigger === "keyword" && (
          <EmptyState title={t("reply.empty")} action={<Button onClick={add}>{t("reply.add")}</Button>}>
            {t("reply.empty.text")}
          </EmptyState>
        )
      )}
    </Panel>
  );
}
