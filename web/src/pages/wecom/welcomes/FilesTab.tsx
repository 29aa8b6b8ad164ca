import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import type { Corp } from "../../../api/wecom/corps";
import {
  deleteFile,
  fileContent,
  filesQuery,
  uploadFile,
  type WelcomeFile,
} from "../../../api/wecom/welcomes";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import { CorpSelect, useCorpChoice } from "./CorpSelect";
import { UploadButton } from "./MediaSelect";
import styles from "./welcomes.module.css";

const KIB = 1024;

export function FilesTab({ corps }: { corps: readonly Corp[] | undefined }) {
  const { t } = useI18n();
  const [corp, setCorp] = useCorpChoice(corps);
  const files = useQuery(filesQuery(corp));
  const columns = useColumns(corp);
  return (
    <div className={styles.stack}>
      <div className={styles.bar}>
        <CorpSelect corps={corps} value={corp} onChange={setCorp} />
        {corp &&
          (["image", "video", "file"] as const).map((kind) => (
            <UploadButton key={kind} corp={corp} kind={kind} label={t(`wecom.welcomes.part.${kind}`)} />
          ))}
      </div>
      <Panel flush>
        <DataTable
          label={t("wecom.welcomes.tab.files")}
          columns={columns}
          rows={corp ? files.data?.items : []}
          rowKey={(row) => row.id}
          error={files.error}
          onRetry={files.refetch}
          empty={
            <EmptyState title={t("wecom.welcomes.files.empty")}>
              {t("wecom.welcomes.files.empty.text")}
            </EmptyState>
          }
          testId="welcome-files"
        />
      </Panel>
    </div>
  );
}

function useColumns(corp: string): Column<WelcomeFile>[] {
  const { t } = useI18n();
  const format = useFormat();
  const zone = useZone();
  return [
    {
      key: "name",
      title: t("wecom.welcomes.files.name"),
      lead: true,
      render: (row) => (
        <a href={fileContent(row.id)} target="_blank" rel="noreferrer">
          {row.name}
        </a>
      ),
    },
    {
      key: "kind",
      title: t("wecom.welcomes.files.kind"),
      render: (row) => t(`wecom.welcomes.part.${row.kind}`),
    },
    {
      key: "size",
      title: t("wecom.welcomes.files.size"),
      align: "end",
      render: (row) => `${format.count(Math.ceil(row.size / KIB))} KB`,
    },
    {
      key: "state",
      title: t("wecom.welcomes.files.state"),
      wide: true,
      render: (row) =>
        row.ready && row.expires_at ? (
          <Tag tone="jade">
            {t("wecom.welcomes.files.ready", { at: formatDateTime(row.expires_at, zone) })}
          </Tag>
        ) : (
          <Tag tone={row.reason ? "red" : "amber"}>{row.reason || t("wecom.welcomes.files.waiting")}</Tag>
        ),
    },
    { key: "acts", title: "", align: "end", render: (row) => <Acts corp={corp} row={row} /> },
  ];
}

function Acts({ corp, row }: { corp: string; row: WelcomeFile }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const settle = () => queries.invalidateQueries({ queryKey: filesQuery(corp).queryKey });
  const upload = useMutation({ mutationFn: () => uploadFile(row.id), onSettled: settle });
  const remove = useMutation({ mutationFn: () => deleteFile(row.id), onSettled: settle });
  const error = upload.error ?? remove.error;
  return (
    <>
      {error && <ErrorNotice error={error} />}
      {!row.ready && (
        <Button size="small" loading={upload.isPending} onClick={() => upload.mutate()}>
          {t("wecom.welcomes.files.retry")}
        </Button>
      )}{" "}
      <Popconfirm title={`${t("wecom.welcomes.delete")} ${row.name}?`} onConfirm={() => remove.mutate()}>
        <Button size="small" danger loading={remove.isPending}>
          {t("wecom.welcomes.delete")}
        </Button>
      </Popconfirm>
    </>
  );
}
