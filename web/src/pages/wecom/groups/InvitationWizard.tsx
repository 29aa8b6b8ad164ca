import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Input, InputNumber, Segmented, Select } from "antd";
import { useState } from "react";
import { segmentsQuery } from "../../../api/queries";
import {
  groupCodesQuery,
  type InvitationDraft,
  type InvitationPreview,
  previewInvitation,
  startInvitation,
} from "../../../api/wecom/groups";
import { corpTagsQuery } from "../../../api/wecom/tags";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { useFormat } from "../../../ui/useFormat";
import { Field } from "../../channels/content/Field";
import styles from "./groups.module.css";
import { Excluded } from "./InvitationsPage";

const WIDTH = 720;
const KINDS = ["tags", "segment", "all"] as const;

const EMPTY: InvitationDraft = {
  name: "",
  code: "",
  audience: { kind: "tags", tags: [], segment: "", people: [] },
  text: "",
  carry: "link",
  title: "",
  remind_after_h: 4,
  reminders: 2,
};

function isReady(draft: InvitationDraft): boolean {
  const { kind, tags, segment } = draft.audience;
  const isChosen = kind === "all" || (kind === "tags" ? Boolean(tags?.length) : Boolean(segment));
  return Boolean(draft.name.trim() && draft.code && draft.text.trim() && isChosen);
}

interface WizardProps {
  onClose: () => void;
  onStarted: (id: string) => void;
}

/** Write it, see whom it reaches, start it. */
export function InvitationWizard({ onClose, onStarted }: WizardProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<InvitationDraft>(EMPTY);
  const preview = useMutation({ mutationFn: () => previewInvitation(draft) });
  const start = useMutation({
    mutationFn: () => startInvitation(draft),
    onSuccess: async (started) => {
      await queries.invalidateQueries({ queryKey: ["group-invitations"] });
      onStarted(started.id);
      onClose();
    },
  });
  const change = (part: Partial<InvitationDraft>) => {
    preview.reset();
    start.reset();
    setDraft({ ...draft, ...part });
  };
  const error = preview.error ?? start.error;
  return (
    <Drawer
      open
      onClose={onClose}
      size={WIDTH}
      title={t("wecom.invitations.create")}
      extra={
        <div className={styles.row}>
          <Button disabled={!isReady(draft)} loading={preview.isPending} onClick={() => preview.mutate()}>
            {t("wecom.invitations.preview")}
          </Button>
          <Button
            type="primary"
            disabled={!preview.data?.invited}
            loading={start.isPending}
            onClick={() => start.mutate()}
          >
            {t("wecom.invitations.start")}
          </Button>
        </div>
      }
    >
      <div className={styles.form} data-testid="invitation-form">
        {error && <ErrorNotice error={error} />}
        {preview.data && <Reach preview={preview.data} />}
        <Field label={t("wecom.invitations.name")}>
          {(id) => (
            <Input
              id={id}
              maxLength={60}
              value={draft.name}
              onChange={(event) => change({ name: event.target.value })}
            />
          )}
        </Field>
        <CodeField draft={draft} onChange={change} />
        <AudienceFields draft={draft} onChange={change} />
        <MessageFields draft={draft} onChange={change} />
      </div>
    </Drawer>
  );
}

function Reach({ preview }: { preview: InvitationPreview }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <section
      className={styles.target}
      aria-label={t("wecom.invitations.preview")}
      data-testid="invitation-preview"
    >
      <strong>
        {t("wecom.invitations.reach", {
          invited: format.count(preview.invited),
          staff: format.count(preview.staff.length),
          customers: format.count(preview.customers),
        })}
      </strong>
      <Excluded excluded={preview.excluded} />
    </section>
  );
}

interface PartProps {
  draft: InvitationDraft;
  onChange: (part: Partial<InvitationDraft>) => void;
}

function CodeField({ draft, onChange }: PartProps) {
  const { t } = useI18n();
  const codes = useQuery(groupCodesQuery);
  return (
    <Field label={t("nav.groupCodes")}>
      {(id) => (
        <Select
          id={id}
          value={draft.code || undefined}
          onChange={(code) => onChange({ code })}
          options={codes.data?.items
            .filter((code) => code.state === "active")
            .map((code) => ({ value: code.id, label: code.name }))}
        />
      )}
    </Field>
  );
}

function AudienceFields({ draft, onChange }: PartProps) {
  const { t } = useI18n();
  const codes = useQuery(groupCodesQuery);
  const corp = codes.data?.items.find((code) => code.id === draft.code)?.corp_id ?? "";
  const tags = useQuery({ ...corpTagsQuery(corp), enabled: corp !== "" });
  const segments = useQuery(segmentsQuery);
  const audience = draft.audience;
  const change = (part: Partial<typeof audience>) => onChange({ audience: { ...audience, ...part } });
  return (
    <Field label={t("wecom.invitations.audience")}>
      {(id) => (
        <div className={styles.form}>
          <Segmented
            aria-label={t("wecom.invitations.audience")}
            value={audience.kind}
            onChange={(kind) => change({ kind })}
            options={KINDS.map((value) => ({ value, label: t(`wecom.invitations.audience.${value}`) }))}
            style={{ width: "fit-content" }}
          />
          {audience.kind === "tags" && (
            <Select
              id={id}
              mode="multiple"
              value={audience.tags ?? []}
              onChange={(chosen) => change({ tags: chosen })}
              options={tags.data?.groups.map((group) => ({
                label: group.name,
                options: group.tags.map((one) => ({ value: one.id, label: one.name })),
              }))}
            />
          )}
          {audience.kind === "segment" && (
            <Select
              id={id}
              value={audience.segment || undefined}
              onChange={(segment) => change({ segment })}
              options={segments.data?.items.map((one) => ({ value: one.id, label: one.name }))}
            />
          )}
        </div>
      )}
    </Field>
  );
}

function MessageFields({ draft, onChange }: PartProps) {
  const { t } = useI18n();
  return (
    <>
      <Field label={t("wecom.invitations.text")}>
        {(id) => (
          <Input.TextArea
            id={id}
            rows={4}
            maxLength={1300}
            value={draft.text}
            onChange={(event) => onChange({ text: event.target.value })}
          />
        )}
      </Field>
      <Field label={t("wecom.invitations.carry")}>
        {() => (
          <Segmented
            aria-label={t("wecom.invitations.carry")}
            value={draft.carry}
            onChange={(carry) => onChange({ carry })}
            options={(["link", "picture"] as const).map((value) => ({
              value,
              label: t(`wecom.invitations.carry.${value}`),
            }))}
            style={{ width: "fit-content" }}
          />
        )}
      </Field>
      <div className={styles.row}>
        <Field label={t("wecom.invitations.remindAfter")} hint={t("wecom.invitations.remindAfter.hint")}>
          {(id) => (
            <InputNumber
              id={id}
              min={0}
              max={72}
              precision={0}
              value={draft.remind_after_h}
              onChange={(hours) => hours !== null && onChange({ remind_after_h: hours })}
            />
          )}
        </Field>
        <Field label={t("wecom.invitations.reminders")}>
          {(id) => (
            <InputNumber
              id={id}
              min={0}
              max={3}
              precision={0}
              value={draft.reminders}
              onChange={(reminders) => reminders !== null && onChange({ reminders })}
            />
          )}
        </Field>
      </div>
    </>
  );
}
