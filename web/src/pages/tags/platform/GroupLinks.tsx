import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Modal, Select } from "antd";
import { useState } from "react";
import type { PersonTagGroup } from "../../../api/personTags";
import { type GroupLinked, linkTagGroup } from "../../../api/tagLinks";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Field } from "../../channels/content/Field";
import styles from "../../wecom/tags/tags.module.css";
import { useAccounts } from "./accounts";

/** Links every tag of a group with the tag of its name in an account. */
export function GroupLinks({ group, onClose }: { group: PersonTagGroup; onClose: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const accounts = useAccounts();
  const [account, setAccount] = useState<string>();
  const link = useMutation({
    mutationFn: () => linkTagGroup(group.id, account ?? ""),
    onSettled: () => queries.invalidateQueries({ queryKey: ["tag-links"] }),
  });
  return (
    <Modal open footer={null} title={t("tagLinks.group.title", { name: group.name })} onCancel={onClose}>
      <div className={styles.stack}>
        <p className="soft">{t("tagLinks.group.text")}</p>
        {accounts.length === 0 && <p className="muted">{t("tagLinks.noAccounts")}</p>}
        <Field label={t("tagLinks.account")}>
          {(id) => (
            <Select
              id={id}
              showSearch={{ optionFilterProp: "label" }}
              value={account}
              options={[...accounts]}
              onChange={setAccount}
              style={{ width: "100%" }}
            />
          )}
        </Field>
        <p className={styles.tools}>
          <Button type="primary" disabled={!account} loading={link.isPending} onClick={() => link.mutate()}>
            {t("tagLinks.group.link")}
          </Button>
        </p>
        {link.error && <ErrorNotice error={link.error} />}
        <div role="status">{link.data && <Linked linked={link.data} group={group} />}</div>
      </div>
    </Modal>
  );
}

function Linked({ linked, group }: { linked: GroupLinked; group: PersonTagGroup }) {
  const { t, locale } = useI18n();
  const nameOf = (id: string) => group.tags.find((tag) => tag.id === id)?.name ?? id;
  return (
    <>
      <p>{t("tagLinks.group.linked", { n: linked.linked.length })}</p>
      <ul>
        {linked.refused.map((one) => (
          <li key={one.tag}>
            {nameOf(one.tag)}: {locale === "zh" ? one.reason_zh : one.reason_en}
          </li>
        ))}
      </ul>
    </>
  );
}
