import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Input, InputNumber, Segmented, Select } from "antd";
import { useState } from "react";
import { accountTagsQuery, changeCode, createCode } from "../../../api/channels";
import type { NewSourceCode, SourceCode } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import type { TabProps } from "../ChannelPage";
import { ContentsEditor } from "../content/ContentsEditor";
import { areReady } from "../content/content";
import { Field } from "../content/Field";
import { PhonePreview } from "../content/PhonePreview";
import forms from "../replies/replies.module.css";
import { refusalsOf } from "../replies/rules";
import { DAYS_MAX, emptyCode, isScene, newCodeOf, TAGS_MAX } from "./codes";

interface CodeFormProps extends TabProps {
  /** The code that changes; without one a new code is made. */
  code: SourceCode | null;
  onSaved: (id: string) => void;
  onClose: () => void;
}

const WIDTH = 860;

export function CodeForm({ account, code, onSaved, onClose }: CodeFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<NewSourceCode>(() => (code ? newCodeOf(code) : emptyCode()));
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: () => {
      const { kind, days, scene, ...kept } = { ...draft, name: draft.name.trim() };
      return code
        ? changeCode(account.id, code.id, kept)
        : createCode(account.id, { ...kept, kind, days, scene });
    },
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ["codes", account.id] });
      onSaved(saved.id);
      onClose();
    },
  });
  const isReady = draft.name.trim() !== "" && isScene(draft.scene) && areReady(draft.contents, draft.mode);
  const submit = () => {
    setTried(true);
    if (isReady) save.mutate();
  };
  const change = (part: Partial<NewSourceCode>) => {
    if (save.error) save.reset();
    setDraft({ ...draft, ...part });
  };
  const refusals = refusalsOf(save.error);
  return (
    <Drawer
      open
      onClose={onClose}
      size={WIDTH}
      title={t(code ? "codes.change" : "codes.create")}
      extra={
        <Button type="primary" loading={save.isPending} onClick={submit}>
          {t("save")}
        </Button>
      }
    >
      <div className={forms.writing} data-testid="code-form">
        <div className={forms.form}>
          {refusals.rest && <ErrorNotice error={refusals.rest} />}
          <Field label={t("codes.name")} problem={tried && !draft.name.trim() && t("codes.name.problem")}>
            {(id) => (
              <Input
                id={id}
                value={draft.name}
                maxLength={60}
                onChange={(event) => change({ name: event.target.value })}
              />
            )}
          </Field>
          {!code && <NewFields draft={draft} onChange={change} />}
          <TagsField account={account} value={draft.tags} onChange={(tags) => change({ tags })} />
          <ContentsEditor
            accountId={account.id}
            contents={draft.contents}
            mode={draft.mode}
            refusals={refusals.contents}
            strict={tried}
            onChange={(contents, mode) => change({ contents, mode })}
          />
          {draft.contents.length === 0 && <p className="muted">{t("codes.noWelcome")}</p>}
        </div>
        <PhonePreview
          title={account.name || account.app_id}
          said={t("phone.scans", { name: draft.name || "…" })}
          contents={draft.mode === "one" ? draft.contents.slice(0, 1) : draft.contents}
          note={draft.contents.length === 0 && t("codes.noWelcome.preview")}
        />
      </div>
    </Drawer>
  );
}

interface PartProps {
  draft: NewSourceCode;
  onChange: (part: Partial<NewSourceCode>) => void;
}

/** What cannot be changed once the platform has given a ticket. */
function NewFields({ draft, onChange }: PartProps) {
  const { t } = useI18n();
  return (
    <>
      <Field label={t("codes.kind")} hint={t(`codeKind.${draft.kind}.hint`)}>
        {() => (
          <Segmented
            aria-label={t("codes.kind")}
            value={draft.kind}
            onChange={(kind) => onChange({ kind })}
            options={(["permanent", "temporary"] as const).map((value) => ({
              value,
              label: t(`codeKind.${value}`),
            }))}
            style={{ width: "fit-content" }}
          />
        )}
      </Field>
      {draft.kind === "temporary" && (
        <Field label={t("codes.days")}>
          {(id) => (
            <InputNumber
              id={id}
              min={1}
              max={DAYS_MAX}
              precision={0}
              value={draft.days}
              onChange={(days) => days !== null && onChange({ days })}
            />
          )}
        </Field>
      )}
      <Field
        label={t("codes.scene")}
        hint={t("codes.scene.hint")}
        problem={!isScene(draft.scene) && t("codes.scene.problem")}
      >
        {(id) => (
          <Input
            id={id}
            value={draft.scene}
            maxLength={64}
            className="mono"
            onChange={(event) => onChange({ scene: event.target.value.trim() })}
          />
        )}
      </Field>
    </>
  );
}

interface TagsFieldProps extends TabProps {
  value: readonly number[];
  onChange: (tags: number[]) => void;
}

function TagsField({ account, value, onChange }: TagsFieldProps) {
  const { t } = useI18n();
  const { data } = useQuery(accountTagsQuery(account.id));
  return (
    <Field label={t("codes.tags")} hint={t("codes.tags.hint")}>
      {(id) => (
        <Select
          id={id}
          mode="multiple"
          maxCount={TAGS_MAX}
          value={[...value]}
          onChange={onChange}
          showSearch={{ optionFilterProp: "label" }}
          options={data?.items.map((tag) => ({ value: tag.id, label: tag.name }))}
          style={{ width: "100%" }}
        />
      )}
    </Field>
  );
}
