import { CheckCircleFilled, CloseCircleFilled, MinusCircleFilled } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Button } from "antd";
import { checkAccount } from "../../../api/channels";
import type { ChannelAccount, ChannelCheck } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { Bone } from "../../../ui/PageSkeleton";
import styles from "../channels.module.css";

/** Everything that can be wrong between the platform and this account, one finding each, with the remedy. */
export function ConnectionCheck({ account }: { account: ChannelAccount }) {
  const { t } = useI18n();
  return <CheckPanel text={t("channel.check.text")} run={() => checkAccount(account.id)} />;
}

interface CheckPanelProps {
  /** What is looked at. */
  text: string;
  run: () => Promise<{ checks: ChannelCheck[] }>;
  /** Whose words come before the common ones: `check.<words>.<name>`. */
  words?: string;
}

export function CheckPanel({ text, run, words = "" }: CheckPanelProps) {
  const { t } = useI18n();
  const check = useMutation({ mutationFn: run });
  return (
    <Panel
      title={t("channel.check.title")}
      extra={
        <Button size="small" loading={check.isPending} onClick={() => check.mutate()}>
          {t("channels.check")}
        </Button>
      }
      testId="connection-check"
    >
      <p className="soft">{text}</p>
      <div aria-live="polite" aria-busy={check.isPending}>
        {check.isPending && <Waiting />}
        {check.error && <ErrorNotice error={check.error} onRetry={() => check.mutate()} />}
        {check.data && <Findings checks={check.data.checks} words={words} />}
      </div>
    </Panel>
  );
}

function Waiting() {
  const { t } = useI18n();
  return (
    <div className={styles.checks}>
      <span className="visually-hidden">{t("loading")}</span>
      <Bone width="60%" />
      <Bone width="45%" />
      <Bone width="70%" />
    </div>
  );
}

function Findings({ checks, words }: { checks: readonly ChannelCheck[]; words: string }) {
  const { t } = useI18n();
  const failed = checks.filter((check) => check.ok === false).length;
  return (
    <>
      <p className={failed ? styles.bad : styles.good}>
        <strong>
          {failed ? t("channel.check.failed", { count: failed, n: failed }) : t("channel.check.passed")}
        </strong>
      </p>
      <ul className={styles.checks} aria-label={t("channels.check")} data-testid="channel-checks">
        {checks.map((check) => (
          <Finding key={check.name} check={check} words={words} />
        ))}
      </ul>
    </>
  );
}

function Finding({ check, words }: { check: ChannelCheck; words: string }) {
  const { t, has, locale } = useI18n();
  const spoken = (key: string) => (has(`check.${words}.${key}`) ? `check.${words}.${key}` : `check.${key}`);
  const name = spoken(check.name);
  const todo = spoken(`${check.name}.todo`);
  return (
    <li>
      <Mark ok={check.ok} />
      <div>
        <strong>{has(name) ? t(name) : check.name}</strong>
        <p className="soft">{locale === "zh" ? check.detail_zh : check.detail_en}</p>
        {check.ok === false && has(todo) && <p className={styles.todo}>{t(todo)}</p>}
      </div>
    </li>
  );
}

function Mark({ ok }: { ok: boolean | null }) {
  const { t } = useI18n();
  if (ok === null)
    return <MinusCircleFilled style={{ color: "var(--ink-3)" }} aria-label={t("channels.unchecked")} />;
  return ok ? (
    <CheckCircleFilled style={{ color: "var(--jade)" }} aria-label={t("channels.ok")} />
  ) : (
    <CloseCircleFilled style={{ color: "var(--red)" }} aria-label={t("channels.notOk")} />
  );
}
