import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Select, Upload } from "antd";
import { useState } from "react";
import { materialsQuery, uploadMaterial } from "../../../api/channels";
import type { MaterialKind } from "../../../api/types";
import { useNow, useZone } from "../../../app/session";
import { formatMoment } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { ErrorNotice, errorText } from "../../../ui/ErrorNotice";
import styles from "./content.module.css";

interface MaterialSelectProps {
  id: string;
  accountId: string;
  kind: MaterialKind;
  value: string;
  onChange: (id: string) => void;
}

/** What the account has on WeChat, newest first, or an id that was copied from elsewhere. */
export function MaterialSelect({ id, accountId, kind, value, onChange }: MaterialSelectProps) {
  const { t, locale } = useI18n();
  const zone = useZone();
  const now = useNow(60_000);
  const [typed, setTyped] = useState("");
  // Asking costs a call, so it waits until somebody looks.
  const [isOpen, setOpen] = useState(false);
  const found = useInfiniteQuery({ ...materialsQuery(accountId, kind), enabled: isOpen });
  const listed = (found.data?.pages ?? [])
    .flatMap((page) => page.items)
    .map((one) => ({
      value: one.id,
      label: `${one.name || one.id} · ${formatMoment(one.updated_at, now, zone)}`,
    }));
  const known = new Set(listed.map((one) => one.value));
  const others = [...new Set([typed.trim(), value])].filter((each) => each && !known.has(each));
  const select = (
    <Select
      id={id}
      allowClear
      value={value || undefined}
      loading={found.isFetching}
      onOpenChange={setOpen}
      onChange={(next: string | undefined) => {
        onChange(next ?? "");
        setTyped("");
      }}
      showSearch={{
        onSearch: setTyped,
        filterOption: (input, option) =>
          `${option?.label} ${option?.value}`.toLowerCase().includes(input.trim().toLowerCase()),
      }}
      options={[...others.map((each) => ({ value: each, label: each })), ...listed]}
      notFoundContent={
        found.error ? errorText(found.error, locale, t) : t(found.isFetching ? "loading" : "material.none")
      }
      popupRender={(menu) => (
        <>
          {menu}
          {found.hasNextPage && (
            <Button
              type="text"
              block
              className={styles.more}
              loading={found.isFetchingNextPage}
              onClick={() => found.fetchNextPage()}
            >
              {t("loadMore")}
            </Button>
          )}
        </>
      )}
      style={{ width: "100%" }}
    />
  );
  const accept = UPLOADED[kind];
  if (!accept) return select;
  return (
    <>
      {select}
      <UploadButton accountId={accountId} kind={kind} accept={accept} onUploaded={onChange} />
    </>
  );
}

/** What may be added from here; texts and articles are written elsewhere. */
const UPLOADED: Partial<Record<MaterialKind, string>> = {
  image: "image/png,image/jpeg,image/gif,image/bmp",
  voice: "audio/mpeg,audio/amr,audio/wav,audio/x-ms-wma",
  video: "video/mp4",
};

interface UploadButtonProps {
  accountId: string;
  kind: MaterialKind;
  accept: string;
  onUploaded: (id: string) => void;
}

function UploadButton({ accountId, kind, accept, onUploaded }: UploadButtonProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const upload = useMutation({
    mutationFn: (file: File) => uploadMaterial(accountId, kind, file),
    onSuccess: (added) => {
      onUploaded(added.id);
      return queries.invalidateQueries({ queryKey: materialsQuery(accountId, kind).queryKey });
    },
  });
  const take = (file: File) => {
    upload.mutate(file);
    return false; // It goes through our own client.
  };
  return (
    <>
      <Upload accept={accept} showUploadList={false} beforeUpload={take}>
        <Button size="small" type="link" loading={upload.isPending}>
          {t("material.upload")}
        </Button>
      </Upload>
      {upload.error && <ErrorNotice error={upload.error} />}
    </>
  );
}
