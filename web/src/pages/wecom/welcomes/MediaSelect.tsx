import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Select, Upload } from "antd";
import { addFile, type FileKind, filesQuery } from "../../../api/wecom/welcomes";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import styles from "./welcomes.module.css";

const ACCEPT: Record<FileKind, string | undefined> = {
  image: "image/jpeg,image/png",
  video: "video/mp4",
  file: undefined,
};

interface MediaSelectProps {
  id?: string;
  corp: string;
  kind: FileKind;
  value: string;
  onChange: (media: string) => void;
}

/** Choose a file of the library, or add one. */
export function MediaSelect({ id, corp, kind, value, onChange }: MediaSelectProps) {
  const { t } = useI18n();
  const { data } = useQuery(filesQuery(corp));
  const files = data?.items.filter((file) => file.kind === kind) ?? [];
  return (
    <div className={styles.bar}>
      <Select
        id={id}
        aria-label={t("wecom.welcomes.media.choose")}
        placeholder={t("wecom.welcomes.media.choose")}
        value={value || undefined}
        onChange={onChange}
        showSearch={{ optionFilterProp: "label" }}
        options={files.map((file) => ({ value: file.id, label: file.name }))}
        style={{ flex: 1, minWidth: 0 }}
      />
      <UploadButton corp={corp} kind={kind} label={t("wecom.welcomes.media.upload")} onUploaded={onChange} />
    </div>
  );
}

interface UploadButtonProps {
  corp: string;
  kind: FileKind;
  label: string;
  onUploaded?: (media: string) => void;
}

export function UploadButton({ corp, kind, label, onUploaded }: UploadButtonProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const add = useMutation({
    mutationFn: (file: File) => addFile(corp, kind, file),
    onSuccess: (file) => {
      onUploaded?.(file.id);
      return queries.invalidateQueries({ queryKey: filesQuery(corp).queryKey });
    },
  });
  const take = (file: File) => {
    add.mutate(file);
    return false; // It goes through our own client.
  };
  return (
    <>
      <Upload accept={ACCEPT[kind]} showUploadList={false} beforeUpload={take}>
        <Button loading={add.isPending} aria-label={`${t("wecom.welcomes.media.upload")} ${label}`}>
          {label}
        </Button>
      </Upload>
      {add.error && <ErrorNotice error={add.error} />}
    </>
  );
}
