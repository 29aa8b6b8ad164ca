import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Input } from "antd";
import { useState } from "react";
import { type SaveLink, type ShortLink, saveLink } from "../../api/links";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Field } from "../channels/content/Field";
import styles from "./links.module.css";

const WIDTH = 560;
const MARKS = ["source", "medium", "campaign", "term", "content"] as const;
const NO_MARKS = { source: "", medium: "", campaign: "", term: "", content: "" };

/** An instant as the browser's own field writes it. */
function localTime(instant: string): string {
  const at = new Date(instant);
  at.setMinutes(at.getMinutes() - at.getTimezoneOffset());
  return at.toISOString().slice(0, 16);
}

interface LinkFormProps {
  /** The link that changes; without one a new one is made. */
  link: ShortLink | null;
  onSaved: (id: string) => void;
  onClose: () => void;
}

export function LinkForm({ link, onSaved, onClose }: LinkFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<SaveLink>(() => ({
    name: link?.name ?? "",
    target: link?.target ?? "",
    utm: { ...NO_MARKS, ...link?.utm },
    expires_at: link?.expires_at ?? null,
  }));
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: () => saveLink(link?.id ?? null, { ...draft, name: draft.name.trim() }),
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ["links"] });
      onSaved(saved.id);
      onClose();
    },
  });
  const hasTarget = /^https?:\/\/\S+$/i.test(draft.target.trim());
  const submit = () => {
    setTried(true);
    if (draft.name.trim() && hasTarget) save.mutate();
  };
  const change = (part: Partial<SaveLink>) => setDraft({ ...draft, ...part });
  const marks = { ...NO_MARKS, ...draft.utm };
  return (
    <Drawer
      open
      size={WIDTH}
      onClose={onClose}
      title={t(link ? "links.change" : "links.create")}
      extra={
        <Button type="primary" loading={save.isPending} onClick={submit}>
          {t("save")}
        </Button>
      }
    >
      <div className={styles.form} data-testid="link-form">
        {save.error && <ErrorNotice error={save.error} />}
        <Field label={t("links.name")} problem={tried && !draft.name.trim() && t("links.name.problem")}>
          {(id) => (
            <Input
              id={id}
              value={draft.name}
              maxLength={200}
              onChange={(event) => change({ name: event.target.value })}
            />
          )}
        </Field>
        <Field
          label={t("links.target")}
          hint={t("links.target.hint")}
          problem={tried && !hasTarget && t("links.target.problem")}
        >
          {(id) => (
            <Input
              id={id}
              value={draft.target}
              maxLength={2000}
              placeholder="https://"
              onChange={(event) => change({ target: event.target.value })}
            />
          )}
        </Field>
        <Field label={t("links.ends")} hint={t("links.ends.hint")}>
          {(id) => (
            <Input
              id={id}
              type="datetime-local"
              value={draft.expires_at ? localTime(draft.expires_at) : ""}
              onChange={(event) =>
                change({ expires_at: event.target.value ? new Date(event.target.value).toISOString() : null })
              }
            />
          )}
        </Field>
        <p className="muted">
          {t("links.utm")}：{t("links.utm.hint")}
        </p>
        {MARKS.map((mark) => (
          <Field key={mark} label={t(`links.utm.${mark}`)}>
            {(id) => (
              <Input
                id={id}
                value={marks[mark]}
                maxLength={100}
                onChange={(event) => change({ utm: { ...marks, [mark]: event.target.value } })}
              />
            )}
          </Field>
        ))}
      </div>
    </Drawer>
  );
}
