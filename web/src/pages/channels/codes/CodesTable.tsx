import type { ReactNode } from "react";
import type { SourceCode } from "../../../api/types";
import { useZone } from "../../../app/session";
import { formatDate } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { Tag, type Tone } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import type { TabProps } from "../ChannelPage";
import styles from "./codes.module.css";
import { QrImage } from "./QrImage";

interface CodesTableProps extends TabProps {
  codes: readonly SourceCode[] | undefined;
  error: Error | null;
  onRetry: () => void;
  onOpen: (id: string) => void;
  empty: ReactNode;
}

export function CodesTable({ account, codes, error, onRetry, onOpen, empty }: CodesTableProps) {
  const { t } = useI18n();
  const format = useFormat();
  const columns: Column<SourceCode>[] = [
    {
      key: "name",
      title: t("codes.name"),
      lead: true,
      render: (code) => (
        <button type="button" className={styles.codeName} onClick={() => onOpen(code.id)}>
          <QrImage account={account} code={code} size={44} />
          <span>
            <strong>{code.name}</strong>
            <small className="mono">{code.scene}</small>
          </span>
        </button>
      ),
    },
    { key: "state", title: t("codes.state"), render: (code) => <CodeState code={code} /> },
    {
      key: "scans",
      title: t("codes.scans30d"),
      align: "end",
      render: (code) => format.count(code.scans_30d),
    },
    {
      key: "follows",
      title: t("codes.follows30d"),
      align: "end",
      render: (code) => format.count(code.follows_30d),
    },
  ];
  return (
    <DataTable
      label={t("channel.tab.codes")}
      testId="codes-table"
      columns={columns}
      rows={codes}
      rowKey={(code) => code.id}
      error={error}
      onRetry={onRetry}
      empty={empty}
    />
  );
}

const TONES: Record<SourceCode["state"], Tone> = {
  issuing: "blue",
  ready: "jade",
  failed: "red",
  archived: "plain",
};

export function CodeState({ code }: { code: SourceCode }) {
  const { t } = useI18n();
  const zone = useZone();
  return (
    <span className={styles.state}>
      <Tag tone={TONES[code.state]}>{t(`codeState.${code.state}`)}</Tag>
      <small className="muted">
        {code.kind === "permanent"
          ? t("codeKind.permanent")
          : code.expires_at
            ? t("codes.expires", { at: formatDate(code.expires_at, zone) })
            : t("codeKind.temporary")}
      </small>
    </span>
  );
}
