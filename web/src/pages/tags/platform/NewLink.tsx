import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useState } from "react";
import type { OwnTag } from "../../../api/personTags";
import { linkTag } from "../../../api/tagLinks";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Field } from "../../channels/content/Field";
import styles from "../../wecom/tags/tags.module.css";
import { useAccounts, usePlatformTags } from "./accounts";

/** A link with a tag of another account: one that is there, or one made there by our name. */
export function NewLink({ tag, linked }: { tag: OwnTag; linked: readonly string[] }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const accounts = useAccounts().filter((one) => !linked.includes(one.value));
  const [account, setAccount] = useState<string>();
  const [theirs, setTheirs] = useState<string>();
  const tags = usePlatformTags(account);
  const link = useMutation({
    mutationFn: () => linkTag(tag.id, account ?? "", theirs ?? null),
    onSuccess: () => {
      setAccount(undefined);
      setTheirs(undefined);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["tag-links"] }),
  });
  if (accounts.length === 0 && linked.length > 0) return null;
  if (accounts.length === 0) return <p className="muted">{t("tagLinks.noAccounts")}</p>;
  return (
    <>
      <Field label={t("tagLinks.account")}>
        {(id) => (
          <Select
            id={id}
            showSearch={{ optionFilterProp: "label" }}
            value={account}
            options={[...accounts]}
            onChange={(value) => {
              setAccount(value);
              setTheirs(undefined);
            }}
            style={{ width: "100%" }}
          />
        )}
      </Field>
      <Field label={t("tagLinks.platformTag")} hint={t("tagLinks.platformTag.hint", { name: tag.name })}>
        {(id) => (
          <Select
            id={id}
            allowClear
            showSearch={{ optionFilterProp: "label" }}
            placeholder={t("tagLinks.sameName")}
            disabled={!account}
            value={theirs}
            options={[...tags]}
            onChange={setTheirs}
            style={{ width: "100%" }}
          />
        )}
      </Field>
      <p className={styles.tools}>
        <Button type="primary" disabled={!account} loading={link.isPending} onClick={() => link.mutate()}>
          {t("tagLinks.link")}
        </Button>
      </p>
      {link.error && <ErrorNotice error={link.error} />}
    </>
  );
}
