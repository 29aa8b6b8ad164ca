import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useState } from "react";
import { materialsQuery } from "../../../api/channels";
import type { MaterialKind } from "../../../api/types";
import { useNow, useZone } from "../../../app/session";
import { formatMoment } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { errorText } from "../../../ui/ErrorNotice";
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
  return (
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
}
