import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Input, Switch } from "antd";
import { useState } from "react";
import { saveReply } from "../../../api/channels";
import type { ReplyDraft } from "../../../api/types";
import { type Translate, useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import type { TabProps } from "../ChannelPage";
import { ContentsEditor } from "../content/ContentsEditor";
import { Field } from "../content/Field";
import { PhonePreview } from "../content/PhonePreview";
import { KeywordsEditor } from "./KeywordsEditor";
import type { Writing } from "./RepliesTab";
import styles from "./replies.module.css";
import { draftOf, emptyRule, isReady, refusalsOf } from "./rules";

interface RuleDrawerProps extends TabProps {
  writing: Writing;
  onClose: () => void;
}

const WIDTH = 860;

/** Writing one rule, with what the person will see beside it. */
export function RuleDrawer({ account, writing, onClose }: RuleDrawerProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<ReplyDraft>(() => firstDraft(writing, t));
  const [tried, setTried] = useState(false);
  const id = "rule" in writing ? writing.rule.id : null;
  const save = useMutation({
    mutationFn: () => saveReply(account.id, id, { ...draft, name: draft.name.trim() }),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["replies", account.id] });
      onClose();
    },
  });
  const submit = () => {
    setTried(true);
    if (isReady(draft)) save.mutate();
  };
  const change = (part: Partial<ReplyDraft>) => {
    if (save.error) save.reset();
    setDraft({ ...draft, ...part });
  };
  return (
    <Drawer
      open
      onClose={onClose}
      size={WIDTH}
      title={t(id ? "reply.change" : "reply.add")}
      extra={
        <Button type="primary" loading={save.isPending} onClick={submit}>
          {t("save")}
        </Button>
      }
    >
      <div className={styles.writing} data-testid="reply-form">
        <RuleForm accountId={account.id} draft={draft} error={save.error} strict={tried} onChange={change} />
        <PhonePreview
          title={account.name || account.app_id}
          said={saidBefore(draft, t("phone.follows"))}
          contents={draft.mode === "one" ? draft.contents.slice(0, 1) : draft.contents}
          note={draft.mode === "one" && draft.contents.length > 1 && t("reply.oneOf.note")}
        />
      </div>
    </Drawer>
  );
}

function firstDraft(writing: Writing, t: Translate): ReplyDraft {
  if ("rule" in writing) return draftOf(writing.rule);
  const name =
    writing.trigger === "keyword" || writing.trigger === "menu" ? "" : t(`trigger.${writing.trigger}`);
  return emptyRule(writing.trigger, name, writing.priority);
}

/** What a person may have said to hear this; patterns have no such example. */
function saidBefore(draft: ReplyDraft, follows: string): string | undefined {
  if (draft.trigger === "follow") return follows;
  if (draft.trigger === "menu") return draft.menu_key ? `[${draft.menu_key}]` : undefined;
  return draft.keywords.find((keyword) => keyword.match !== "regex")?.text || undefined;
}

interface RuleFormProps {
  accountId: string;
  draft: ReplyDraft;
  error: Error | null;
  /** Whether blanks are pointed out. */
  strict: boolean;
  onChange: (part: Partial<ReplyDraft>) => void;
}

function RuleForm({ accountId, draft, error, strict, onChange }: RuleFormProps) {
  const { t } = useI18n();
  const refusals = refusalsOf(error);
  return (
    <div className={styles.form}>
      {refusals.rest && <ErrorNotice error={refusals.rest} />}
      <Field label={t("reply.name")} problem={strict && !draft.name.trim() && t("reply.name.problem")}>
        {(id) => (
          <Input
            id={id}
            value={draft.name}
            maxLength={60}
            onChange={(event) => onChange({ name: event.target.value })}
          />
        )}
      </Field>
      {draft.trigger === "keyword" && (
        <KeywordsEditor
          keywords={draft.keywords}
          refusals={refusals.keywords}
          strict={strict}
          onChange={(keywords) => onChange({ keywords })}
        />
      )}
      {draft.trigger === "menu" && (
        <Field
          label={t("reply.menuKey")}
          hint={t("reply.menuKey.hint")}
          problem={strict && !draft.menu_key.trim() && t("reply.menuKey.problem")}
        >
          {(id) => (
            <Input
              id={id}
              value={draft.menu_key}
              maxLength={128}
              onChange={(event) => onChange({ menu_key: event.target.value })}
            />
          )}
        </Field>
      )}
      <ContentsEditor
        accountId={accountId}
        contents={draft.contents}
        mode={draft.mode}
        refusals={refusals.contents}
        strict={strict}
        onChange={(contents, mode) => onChange({ contents, mode })}
      />
      {strict && draft.contents.length === 0 && (
        <p role="alert" className={styles.problem}>
          {t("content.problem.none")}
        </p>
      )}
      <span className={styles.enabled}>
        <Switch
          checked={draft.enabled}
          aria-label={t("reply.on")}
          onChange={(enabled) => onChange({ enabled })}
        />
        {t("reply.on")}
      </span>
    </div>
  );
}
