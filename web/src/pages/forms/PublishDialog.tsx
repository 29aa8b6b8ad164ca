import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Modal } from "antd";
import { publishForm, publishPreviewQuery } from "../../api/forms";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import styles from "./forms.module.css";

interface PublishDialogProps {
  id: string;
  onClose: () => void;
  onPublished: () => void;
}

/** Says what publishing means for the answers that are there, before it is done. */
export function PublishDialog({ id, onClose, onPublished }: PublishDialogProps) {
  const { t, locale } = useI18n();
  const format = useFormat();
  const queries = useQueryClient();
  const preview = useQuery(publishPreviewQuery(id));
  const publish = useMutation({
    mutationFn: () => publishForm(id),
    onSuccess: async (form) => {
      queries.setQueryData(["forms", id], form);
      await queries.invalidateQueries({ queryKey: ["forms"], exact: true });
      await queries.invalidateQueries({ queryKey: ["form-results", id] });
      onPublished();
    },
  });
  const { data } = preview;
  return (
    <Modal
      open
      title={t("forms.publish.title")}
      okText={t("forms.publish")}
      okButtonProps={{ disabled: !data || data.issues.length > 0 }}
      confirmLoading={publish.isPending}
      onOk={() => publish.mutate()}
      onCancel={onClose}
    >
      <div className={styles.stack}>
        {preview.error && <ErrorNotice error={preview.error} />}
        {!data && !preview.error && <PanelSkeleton />}
        {data && (
          <p>
            {data.answers > 0
              ? t("forms.publish.again", { n: format.count(data.answers) })
              : t("forms.publish.first")}
          </p>
        )}
        {data && data.changes.length > 0 && (
          <ul className={styles.lines}>
            {data.changes.map((change) => (
              <li key={`${change.change} ${change.question} ${change.option}`}>
                {t(`forms.change.${change.change}`, {
                  title: change.title,
                  option: change.option ?? "",
                  n: format.count(change.answers ?? 0),
                })}
              </li>
            ))}
          </ul>
        )}
        {data?.issues.map((issue) => (
          <p key={`${issue.place} ${issue.code}`} role="alert" className={styles.problem}>
            {locale === "zh" ? issue.text_zh : issue.text}
          </p>
        ))}
        {publish.error && <ErrorNotice error={publish.error} />}
      </div>
    </Modal>
  );
}
