import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Input, Modal, Select } from "antd";
import { useState } from "react";
import { type ApiTokenList, type MadeApiToken, makeApiToken } from "../../api/apiTokens";
import type { Permission } from "../../api/types";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Field } from "../channels/content/Field";
import styles from "../members/members.module.css";
import { PermissionAreas } from "../members/PermissionAreas";

const LIVES_DAYS = [7, 30, 90, 180, 366] as const;

interface TokenFormProps {
  catalogue: ApiTokenList["catalogue"];
  onClose: () => void;
  onMade: (made: MadeApiToken) => void;
}

/** A new token: what to call it, how long it lives, and what it may do. */
export function TokenForm({ catalogue, onClose, onMade }: TokenFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [days, setDays] = useState<number>(90);
  const [chosen, setChosen] = useState<readonly Permission[]>([]);
  const make = useMutation({
    mutationFn: () => makeApiToken({ name: name.trim(), days, permissions: [...chosen] }),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ["api-tokens"] });
      onMade(made);
      onClose();
    },
  });
  return (
    <Modal
      open
      width={860}
      title={t("apiTokens.create")}
      okText={t("apiTokens.make")}
      okButtonProps={{ disabled: !name.trim() || chosen.length === 0, loading: make.isPending }}
      onOk={() => make.mutate()}
      onCancel={onClose}
    >
      <div className={styles.form}>
        <Field label={t("apiTokens.name")} hint={t("apiTokens.name.hint")}>
          {(id) => (
            <Input
              id={id}
              autoFocus
              maxLength={60}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label={t("apiTokens.life")}>
          {(id) => (
            <Select
              id={id}
              value={days}
              onChange={setDays}
              options={LIVES_DAYS.map((value) => ({ value, label: t("apiTokens.days", { days: value }) }))}
              style={{ width: 160 }}
            />
          )}
        </Field>
        <p className="soft">{t("apiTokens.permissions.hint")}</p>
        <PermissionAreas catalogue={catalogue} chosen={chosen} onChange={setChosen} />
        {make.error && <ErrorNotice error={make.error} />}
      </div>
    </Modal>
  );
}
