import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Input, Modal, Radio } from "antd";
import { useState } from "react";
import { coverageQuery, type Purpose, publishText } from "../../api/consent";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { useFormat } from "../../ui/useFormat";
import { Field } from "../channels/content/Field";
import styles from "./consent.module.css";

const TEXT_MAX = 4_000;

/** The next version of a text, with what becomes of those who agreed to an earlier one. */
export function PublishForm({ purpose, onClose }: { purpose: Purpose; onClose: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [zh, setZh] = useState(purpose.text?.text_zh ?? "");
  const [en, setEn] = useState(purpose.text?.text_en ?? "");
  const [ends, setEnds] = useState(false);
  const publish = useMutation({
    mutationFn: () =>
      publishText(purpose.key, { text_zh: zh.trim(), text_en: en.trim(), ends_earlier: ends }),
    onSuccess: () => {
      for (const key of ["consent-purposes", "consent-texts", "consent-coverage"])
        queries.invalidateQueries({ queryKey: [key] });
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t("consent.publish")}
      okText={t("consent.publish")}
      okButtonProps={{ disabled: !zh.trim() || !en.trim(), loading: publish.isPending }}
      onOk={() => publish.mutate()}
      onCancel={onClose}
    >
      <div className={styles.stack} data-testid="publish-text">
        <p className="muted">{t("consent.publish.never")}</p>
        <Words label={t("consent.publish.zh")} value={zh} onChange={setZh} />
        <Words label={t("consent.publish.en")} value={en} onChange={setEn} />
        <Earlier purpose={purpose} ends={ends} onChange={setEnds} />
        {publish.error && <ErrorNotice error={publish.error} />}
      </div>
    </Modal>
  );
}

interface WordsProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
}

function Words({ label, value, onChange }: WordsProps) {
  return (
    <Field label={label}>
      {(id) => (
        <Input.TextArea
          id={id}
          value={value}
          maxLength={TEXT_MAX}
          autoSize={{ minRows: 3, maxRows: 10 }}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

interface EarlierProps {
  purpose: Purpose;
  ends: boolean;
  onChange: (ends: boolean) => void;
}

/** What the new version means for consents there are, with how many these are. */
function Earlier({ purpose, ends, onChange }: EarlierProps) {
  const { t } = useI18n();
  const format = useFormat();
  const { data } = useQuery(coverageQuery(purpose.key));
  const agreeing = data?.versions.reduce((sum, one) => sum + one.people, 0);
  const count = agreeing === undefined ? "…" : format.count(agreeing);
  return (
    <Field label={t("consent.publish.earlier")}>
      {(id) => (
        <Radio.Group
          id={id}
          value={ends}
          onChange={(event) => onChange(event.target.value)}
          className={styles.choice}
        >
          <Radio value={false}>
            {t("consent.publish.keep")}
            <small>{t("consent.publish.keep.hint", { count })}</small>
          </Radio>
          <Radio value={true}>
            {t("consent.publish.end")}
            <small>
              {t("consent.publish.end.hint", { count })}
              {purpose.basis !== "consent" &&
                ` ${t("consent.publish.end.basis", { basis: t(`consent.basis.${purpose.basis}`) })}`}
            </small>
          </Radio>
        </Radio.Group>
      )}
    </Field>
  );
}
