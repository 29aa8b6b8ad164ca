import { useMutation } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { type FormEvent, useState } from "react";
import { tryReplies } from "../../../api/channels";
import type { Trial } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import type { TabProps } from "../ChannelPage";
import { PhonePreview } from "../content/PhonePreview";
import styles from "./replies.module.css";

const TEXT_MAX = 2_000;

/** Asks the server what would answer, as the rules stand now; nothing is sent. */
export function TryBox({ account }: TabProps) {
  const { t } = useI18n();
  const [text, setText] = useState("");
  const trial = useMutation({ mutationFn: (asked: Trial) => tryReplies(account.id, asked) });
  const asked = trial.variables;
  const outcome = trial.data;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) trial.mutate({ text });
  };
  const note = outcome && (outcome.rule ? t("try.by", { name: outcome.rule.name }) : t("try.nothing"));
  return (
    <Panel title={t("try.title")} className={styles.try} testId="reply-try">
      <p className="soft">{t("try.text")}</p>
      <form onSubmit={submit} className={styles.tryForm}>
        <Input
          value={text}
          maxLength={TEXT_MAX}
          aria-label={t("try.message")}
          placeholder={t("try.message")}
          onChange={(event) => setText(event.target.value)}
        />
        <Button htmlType="submit" type="primary" loading={trial.isPending} disabled={!text.trim()}>
          {t("try.submit")}
        </Button>
        <Button onClick={() => trial.mutate({ follow: true })}>{t("try.follow")}</Button>
      </form>
      {trial.error && <ErrorNotice error={trial.error} />}
      <div aria-live="polite">
        <PhonePreview
          title={account.name || account.app_id}
          said={asked && (asked.follow ? t("phone.follows") : asked.text)}
          contents={outcome?.contents ?? []}
          note={trial.isPending ? t("loading") : note}
        />
      </div>
    </Panel>
  );
}
