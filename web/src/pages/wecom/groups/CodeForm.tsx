import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Input, InputNumber, Segmented, Select } from "antd";
import { useState } from "react";
import {
  changeGroupCode,
  createGroupCode,
  type GroupCode,
  type GroupCodeDraft,
  groupsQuery,
} from "../../../api/wecom/groups";
import { corpTagsQuery } from "../../../api/wecom/tags";
import { useNow } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Field } from "../../channels/content/Field";
import { draftOf, emptyCode, isReady, newImage, newWay, type TargetDraft } from "./codeDraft";
import styles from "./groups.module.css";
import { TargetFields } from "./TargetFields";

const WIDTH = 760;

interface CodeFormProps {
  /** The code that changes; without one a new code is made. */
  code: GroupCode | null;
  onSaved: (id: string) => void;
  onClose: () => void;
}

export function CodeForm({ code, onSaved, onClose }: CodeFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const now = useNow(60_000);
  const [draft, setDraft] = useState<GroupCodeDraft>(() => (code ? draftOf(code) : emptyCode()));
  const save = useMutation({
    mutationFn: () => (code ? changeGroupCode(code.id, draft) : createGroupCode(draft)),
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ["group-codes"] });
      onSaved(saved.id);
      onClose();
    },
  });
  const change = (part: Partial<GroupCodeDraft>) => {
    if (save.error) save.reset();
    setDraft({ ...draft, ...part });
  };
  const changeTarget = (at: number, target: TargetDraft | null) =>
    change({
      targets: draft.targets.flatMap((one, index) => (index === at ? (target ? [target] : []) : [one])),
    });
  return (
    <Drawer
      open
      onClose={onClose}
      size={WIDTH}
      title={t(code ? "wecom.groupCodes.change" : "wecom.groupCodes.create")}
      extra={
        <Button
          type="primary"
          disabled={!isReady(draft)}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t("save")}
        </Button>
      }
    >
      <div className={styles.form} data-testid="group-code-form">
        {save.error && <ErrorNotice error={save.error} />}
        <Field label={t("wecom.groupCodes.name")}>
          {(id) => (
            <Input
              id={id}
              maxLength={60}
              value={draft.name}
              onChange={(event) => change({ name: event.target.value })}
            />
          )}
        </Field>
        <Field label={t("wecom.groupCodes.notice")}>
          {(id) => (
            <Input
              id={id}
              maxLength={200}
              value={draft.notice}
              onChange={(event) => change({ notice: event.target.value })}
            />
          )}
        </Field>
        {draft.targets.map((target, at) => (
          <TargetFields
            // biome-ignore lint/suspicious/noArrayIndexKey: a new target has no id until it is saved.
            key={`${target.id}${at}`}
            target={target}
            onChange={(changed) => changeTarget(at, changed)}
            onRemove={draft.targets.length > 1 ? () => changeTarget(at, null) : undefined}
          />
        ))}
        <div className={styles.row}>
          <Button onClick={() => change({ targets: [...draft.targets, newWay()] })}>
            {t("wecom.groupCodes.addWay")}
          </Button>
          <Button onClick={() => change({ targets: [...draft.targets, newImage(now)] })}>
            {t("wecom.groupCodes.addImage")}
          </Button>
        </div>
        <StandbyFields draft={draft} onChange={change} />
        <RoomFields draft={draft} onChange={change} />
        <JoinFields draft={draft} corp={code?.corp_id ?? ""} onChange={change} />
      </div>
    </Drawer>
  );
}

interface PartProps {
  draft: GroupCodeDraft;
  onChange: (part: Partial<GroupCodeDraft>) => void;
}

/** Where people are led when no group has room. */
function StandbyFields({ draft, onChange }: PartProps) {
  const { t } = useI18n();
  const standby = draft.standby;
  const change = (part: Partial<typeof standby>) => onChange({ standby: { ...standby, ...part } });
  return (
    <Field label={t("wecom.groupCodes.standby")} hint={t("wecom.groupCodes.standby.hint")}>
      {(id) => (
        <div className={styles.form}>
          <Segmented
            aria-label={t("wecom.groupCodes.standby")}
            value={standby.kind}
            onChange={(kind) => change({ kind })}
            options={(["url", "live_code"] as const).map((value) => ({
              value,
              label: t(`wecom.groupCodes.standby.${value}`),
            }))}
            style={{ width: "fit-content" }}
          />
          <Input
            id={id}
            placeholder={standby.kind === "url" ? "https://" : "liv_"}
            value={standby.kind === "url" ? standby.url : standby.live_code}
            onChange={(event) =>
              change(standby.kind === "url" ? { url: event.target.value } : { live_code: event.target.value })
            }
          />
        </div>
      )}
    </Field>
  );
}

function RoomFields({ draft, onChange }: PartProps) {
  const { t } = useI18n();
  return (
    <div className={styles.row}>
      <Field label={t("wecom.groupCodes.capacity")}>
        {(id) => (
          <InputNumber
            id={id}
            min={10}
            max={500}
            precision={0}
            value={draft.capacity}
            onChange={(capacity) => capacity !== null && onChange({ capacity })}
          />
        )}
      </Field>
      <Field label={t("wecom.groupCodes.margin")}>
        {(id) => (
          <InputNumber
            id={id}
            min={0}
            max={100}
            precision={0}
            value={draft.margin}
            onChange={(margin) => margin !== null && onChange({ margin })}
          />
        )}
      </Field>
    </div>
  );
}

/** What joining brings; leaving takes it back. */
function JoinFields({ draft, corp: ofCode, onChange }: PartProps & { corp: string }) {
  const { t } = useI18n();
  const groups = useQuery(groupsQuery({ state: "active" }));
  const chosen = draft.targets.flatMap((target) => (target.kind === "way" ? target.groups : []));
  const corp = ofCode || (groups.data?.items.find((group) => chosen.includes(group.id))?.corp_id ?? "");
  const tags = useQuery({ ...corpTagsQuery(corp), enabled: corp !== "" });
  const join = draft.on_join;
  return (
    <div className={styles.row}>
      <Field label={t("wecom.groupCodes.tags")} hint={t("wecom.groupCodes.tags.hint")}>
        {(id) => (
          <Select
            id={id}
            mode="multiple"
            value={join?.tags ?? []}
            onChange={(picked) => onChange({ on_join: { ...join, tags: picked } })}
            options={tags.data?.groups.map((group) => ({
              label: group.name,
              options: group.tags.map((one) => ({ value: one.id, label: one.name })),
            }))}
            style={{ minWidth: 280 }}
          />
        )}
      </Field>
      <Field label={t("wecom.groups.funnel_stage")}>
        {(id) => (
          <Input
            id={id}
            maxLength={40}
            value={join?.stage ?? ""}
            onChange={(event) => onChange({ on_join: { ...join, stage: event.target.value } })}
          />
        )}
      </Field>
    </div>
  );
}
