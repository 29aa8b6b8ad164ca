import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Input, InputNumber, Modal, Select } from "antd";
import { useState } from "react";
import { BASES, type Basis, type Purpose, savePurpose } from "../../api/consent";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Field } from "../channels/content/Field";
import styles from "./consent.module.css";

const KEY = /^[a-z][a-z0-9_]{0,39}$/;
const NAME_MAX = 60;
const DAYS_MAX = 36_500;

/** A purpose as the brand wants it: names, on what ground, how long a consent holds. */
export function PurposeForm({ purpose, onClose }: { purpose: Purpose | null; onClose: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [key, setKey] = useState(purpose?.key ?? "");
  const [zh, setZh] = useState(purpose?.name_zh ?? "");
  const [en, setEn] = useState(purpose?.name_en ?? "");
  const [basis, setBasis] = useState<Basis>(purpose?.basis ?? "consent");
  const [categories, setCategories] = useState<readonly string[]>(purpose?.categories ?? []);
  const [lasts, setLasts] = useState<number | null>(purpose?.lasts_days ?? null);
  const save = useMutation({
    mutationFn: () =>
      savePurpose(key, {
        name_zh: zh.trim(),
        name_en: en.trim(),
        basis,
        categories: [...categories],
        lasts_days: lasts,
      }),
    onSuccess: () => {
      for (const each of ["consent-purposes", "consent-coverage", "consent"])
        queries.invalidateQueries({ queryKey: [each] });
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t(purpose ? "consent.edit" : "consent.add")}
      okText={t("save")}
      okButtonProps={{ disabled: !KEY.test(key) || !zh.trim() || !en.trim(), loading: save.isPending }}
      onOk={() => save.mutate()}
      onCancel={onClose}
    >
      <div className={styles.stack} data-testid="purpose-form">
        {!purpose && (
          <Field label={t("consent.key")} hint={t("consent.key.hint")}>
            {(id) => (
              <Input
                id={id}
                value={key}
                maxLength={40}
                status={key && !KEY.test(key) ? "error" : undefined}
                placeholder="newsletter"
                onChange={(event) => setKey(event.target.value.toLowerCase())}
              />
            )}
          </Field>
        )}
        <Field label={t("consent.nameZh")}>
          {(id) => (
            <Input id={id} value={zh} maxLength={NAME_MAX} onChange={(event) => setZh(event.target.value)} />
          )}
        </Field>
        <Field label={t("consent.nameEn")}>
          {(id) => (
            <Input id={id} value={en} maxLength={NAME_MAX} onChange={(event) => setEn(event.target.value)} />
          )}
        </Field>
        <Field label={t("consent.basis")} hint={t(`consent.basis.${basis}.hint`)}>
          {(id) => (
            <Select
              id={id}
              value={basis}
              onChange={setBasis}
              options={BASES.map((value) => ({ value, label: t(`consent.basis.${value}`) }))}
            />
          )}
        </Field>
        <Field label={t("consent.lasts")} hint={t("consent.lasts.hint")}>
          {(id) => <InputNumber id={id} min={1} max={DAYS_MAX} value={lasts} onChange={setLasts} />}
        </Field>
        <Field label={t("consent.categories")} hint={t("consent.categories.hint")}>
          {(id) => (
            <Select
              id={id}
              mode="tags"
              maxCount={20}
              value={[...categories]}
              onChange={setCategories}
              open={false}
              suffixIcon={null}
            />
          )}
        </Field>
        {save.error && <ErrorNotice error={save.error} />}
      </div>
    </Modal>
  );
}
