import { useMutation } from "@tanstack/react-query";
import { Spin, Upload } from "antd";
import { type FileExamined, uploadImportFile } from "../../../api/imports";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import styles from "./wizard.module.css";

/** Takes one file and lets the server look at its first rows. */
export function UploadPanel({ onExamined }: { onExamined: (found: FileExamined) => void }) {
  const { t } = useI18n();
  const upload = useMutation({ mutationFn: uploadImportFile, onSuccess: onExamined });
  return (
    <Panel testId="import-upload">
      <Upload.Dragger
        accept=".csv,.tsv,.txt,.xlsx,.xls,.parquet,.gz"
        showUploadList={false}
        disabled={upload.isPending}
        beforeUpload={(file) => {
          upload.mutate(file);
          return false; // It goes through our own client.
        }}
      >
        <div className={styles.drop}>
          {upload.isPending ? (
            <>
              <Spin />
              <p>{t("importWizard.looking", { name: upload.variables.name })}</p>
            </>
          ) : (
            <>
              <strong>{t("importWizard.drop")}</strong>
              <p className="soft">{t("importWizard.drop.text")}</p>
            </>
          )}
        </div>
      </Upload.Dragger>
      {upload.error && <ErrorNotice error={upload.error} />}
    </Panel>
  );
}
