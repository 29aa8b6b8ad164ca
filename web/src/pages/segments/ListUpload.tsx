import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Modal, Segmented, Select } from "antd";
import { useId, useState } from "react";
import { uploadList, uploadListVersion } from "../../api/lists";
import type { Segment, SegmentListView } from "../../api/types";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import styles from "./segments.module.css";

const IDENTIFIERS = [
  "any",
  "phone",
  "member_no",
  "openid",
  "unionid",
  "external_userid",
  "user_id",
  "email",
  "person",
] as const;
const SCOPED: readonly string[] = ["openid", "external_userid"];
const MODES = ["replace", "add"] as const;

interface ListUploadProps {
  /** The list that gets other people; without one a new list is made. */
  segment?: Segment;
  open: boolean;
  onClose: () => void;
  onDone: (made: SegmentListView) => void;
}

/** Choose a file, say what its rows are, send it. */
export function ListUpload({ segment, open, onClose, onDone }: ListUploadProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const id = useId();
  const [name, setName] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const [mode, setMode] = useState<(typeof MODES)[number]>("replace");
  const [reading, setReading] = useState({ identifier: "any", column: "", scope: "" });
  const send = useMutation({
    mutationFn: (chosen: File) =>
      segment
        ? uploadListVersion(segment.id, mode, chosen, reading)
        : uploadList(name.trim(), chosen, reading),
    onSuccess: (made) => {
      queries.invalidateQueries({ queryKey: ["segments"] });
      queries.invalidateQueries({ queryKey: ["segment", made.segment.id] });
      setFile(null);
      onDone(made);
    },
  });
  const choose = (chosen: File | null) => {
    setFile(chosen);
    if (chosen && name === "") setName(chosen.name.replace(/\.[^.]*$/, "").slice(0, 100));
  };
  return (
    <Modal
      open={open}
      onCancel={onClose}
      title={t(segment ? "list.newVersion" : "list.upload")}
      okText={t("list.send")}
      okButtonProps={{ disabled: file === null || (!segment && name.trim() === "") }}
      confirmLoading={send.isPending}
      onOk={() => file && send.mutate(file)}
      destroyOnHidden
    >
      <div className={styles.uploadForm}>
        <p className="soft">{t("list.uploadHint")}</p>
        <label className={styles.fileBox} htmlFor={id}>
          <input
            id={id}
            type="file"
            accept=".csv,.txt,.tsv,text/csv,text/plain"
            aria-label={t("list.file")}
            onChange={(event) => choose(event.target.files?.[0] ?? null)}
          />
          <strong>{file?.name ?? t("list.choose")}</strong>
          <span className="soft">{t("list.fileLimits")}</span>
        </label>
        {!segment && (
          <Input
            value={name}
            maxLength={100}
            aria-label={t("list.name")}
            placeholder={t("list.name")}
            onChange={(event) => setName(event.target.value)}
          />
        )}
        {segment && (
          <Segmented
            value={mode}
            onChange={setMode}
            options={MODES.map((value) => ({ value, label: t(`listMode.${value}`) }))}
          />
        )}
        <Select
          aria-label={t("list.identifier")}
          value={reading.identifier}
          onChange={(identifier) => setReading({ ...reading, identifier })}
          options={IDENTIFIERS.map((value) => ({ value, label: t(`listIdentifier.${value}`) }))}
        />
        <Input
          value={reading.column}
          maxLength={100}
          aria-label={t("list.column")}
          placeholder={t("list.column")}
          onChange={(event) => setReading({ ...reading, column: event.target.value.trim() })}
        />
        {SCOPED.includes(reading.identifier) && (
          <Input
            value={reading.scope}
            maxLength={100}
            aria-label={t("list.scope")}
            placeholder={t("list.scope")}
            onChange={(event) => setReading({ ...reading, scope: event.target.value.trim() })}
          />
        )}
        {send.error && <ErrorNotice error={send.error} />}
      </div>
    </Modal>
  );
}

export function UploadButton({ segment, onDone }: Pick<ListUploadProps, "segment" | "onDone">) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t(segment ? "list.newVersion" : "list.upload")}</Button>
      <ListUpload
        segment={segment}
        open={open}
        onClose={() => setOpen(false)}
        onDone={(made) => {
          setOpen(false);
          onDone(made);
        }}
      />
    </>
  );
}
