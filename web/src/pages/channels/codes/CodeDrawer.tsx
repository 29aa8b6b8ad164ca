import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Popover, Select } from "antd";
import { useState } from "react";
import { archiveCode, codeImage, issueCode } from "../../../api/channels";
import type { SourceCode } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { CopyButton } from "../../../ui/CopyButton";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import type { TabProps } from "../ChannelPage";
import { useContentWords } from "../content/useContentWords";
import { CodeFigures } from "./CodeFigures";
import { CodeState } from "./CodesTable";
import styles from "./codes.module.css";
import { QrImage } from "./QrImage";

interface CodeDrawerProps extends TabProps {
  code: SourceCode;
  others: readonly SourceCode[];
  onEdit: () => void;
  onClose: () => void;
}

const WIDTH = 560;
const PRINT_SCALE = 30;

/** One code: its picture, what it does, what it brought. */
export function CodeDrawer({ account, code, others, onEdit, onClose }: CodeDrawerProps) {
  const { t, locale } = useI18n();
  return (
    <Drawer
      open
      onClose={onClose}
      size={WIDTH}
      title={code.name}
      extra={code.state !== "archived" && <Button onClick={onEdit}>{t("codes.change")}</Button>}
    >
      <div className={styles.details} data-testid="code-details">
        <div className={styles.head}>
          <QrImage account={account} code={code} size={180} />
          <div className={styles.facts}>
            <CodeState code={code} />
            <span>
              <small className="muted">{t("codes.scene")}</small>
              <br />
              <code className="mono">{code.scene}</code> <CopyButton text={code.scene} />
            </span>
            {code.url && (
              <span className={styles.links}>
                <a href={codeImage(account.id, code.id, "png", PRINT_SCALE)} download={`${code.scene}.png`}>
                  {t("codes.download", { format: "PNG" })}
                </a>
                <a href={codeImage(account.id, code.id, "svg")} download={`${code.scene}.svg`}>
                  {t("codes.download", { format: "SVG" })}
                </a>
              </span>
            )}
          </div>
        </div>
        {code.state === "failed" && (
          <p role="alert" className={styles.bad}>
            {t("codes.failed", { reason: locale === "zh" ? code.reason_zh : code.reason_en })}
          </p>
        )}
        <Welcome code={code} />
        <CodeFigures account={account} code={code} />
        <Acts account={account} code={code} others={others} />
      </div>
    </Drawer>
  );
}

function Welcome({ code }: { code: SourceCode }) {
  const { t } = useI18n();
  const words = useContentWords();
  return (
    <p className="soft">
      {code.contents.length === 0
        ? t("codes.noWelcome")
        : t("codes.welcome", { contents: code.contents.map(words).join(" + ") })}
    </p>
  );
}

/** Renewing the ticket, and ending the code. */
function Acts({ account, code, others }: TabProps & { code: SourceCode; others: readonly SourceCode[] }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const settle = () => queries.invalidateQueries({ queryKey: ["codes", account.id] });
  const issue = useMutation({ mutationFn: () => issueCode(account.id, code.id), onSettled: settle });
  const archive = useMutation({
    mutationFn: (redirect: string) => archiveCode(account.id, code.id, redirect),
    onSettled: settle,
  });
  const error = issue.error ?? archive.error;
  const canIssue = code.state === "failed" || code.kind === "temporary";
  const target = others.find((each) => each.id === code.redirect);
  if (code.state === "archived") {
    return (
      <p className="soft">
        {code.redirect === "follow"
          ? t("codes.leadsToFollow")
          : t("codes.leadsTo", { name: target?.name ?? code.redirect ?? "" })}
      </p>
    );
  }
  return (
    <>
      {error && <ErrorNotice error={error} />}
      <p className={styles.acts}>
        {canIssue && (
          <Button loading={issue.isPending} onClick={() => issue.mutate()}>
            {t("codes.issue")}
          </Button>
        )}
        <Archive others={others} isBusy={archive.isPending} onArchive={archive.mutate} />
      </p>
    </>
  );
}

interface ArchiveProps {
  others: readonly SourceCode[];
  isBusy: boolean;
  onArchive: (redirect: string) => void;
}

/** Printed pictures stay in the world: ending a code means saying where they lead. */
function Archive({ others, isBusy, onArchive }: ArchiveProps) {
  const { t } = useI18n();
  const [redirect, setRedirect] = useState("follow");
  const targets = others.filter((code) => code.state !== "archived");
  return (
    <Popover
      trigger="click"
      title={t("codes.archive.ask")}
      content={
        <div className={styles.archive} data-testid="code-archive">
          <p className="soft">{t("codes.archive.text")}</p>
          <Select
            aria-label={t("codes.archive.to")}
            value={redirect}
            onChange={setRedirect}
            showSearch={{ optionFilterProp: "label" }}
            options={[
              { value: "follow", label: t("codes.archive.follow") },
              ...targets.map((code) => ({ value: code.id, label: code.name })),
            ]}
            style={{ width: "100%" }}
          />
          <Button danger loading={isBusy} onClick={() => onArchive(redirect)}>
            {t("codes.archive")}
          </Button>
        </div>
      }
    >
      <Button danger>{t("codes.archive")}</Button>
    </Popover>
  );
}
