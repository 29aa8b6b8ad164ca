import { useQuery } from "@tanstack/react-query";
import { Button, Input, InputNumber, Select, Switch } from "antd";
import { segmentsQuery } from "../../../api/queries";
import { groupsQuery } from "../../../api/wecom/groups";
import { useI18n } from "../../../i18n";
import { Field } from "../../channels/content/Field";
import { emptyWhere, type ImageDraft, type TargetDraft, type WayDraft } from "./codeDraft";
import styles from "./groups.module.css";

interface TargetFieldsProps {
  target: TargetDraft;
  onChange: (target: TargetDraft) => void;
  onRemove?: () => void;
}

/** One way into groups, and whom it is for. */
export function TargetFields({ target, onChange, onRemove }: TargetFieldsProps) {
  const { t } = useI18n();
  return (
    <section
      className={styles.target}
      aria-label={t(`wecom.groupCodes.kind.${target.kind}`)}
      data-testid="target"
    >
      <div className={styles.row}>
        <strong style={{ flex: 1 }}>{t(`wecom.groupCodes.kind.${target.kind}`)}</strong>
        {onRemove && (
          <Button size="small" danger onClick={onRemove}>
            {t("wecom.groupCodes.remove")}
          </Button>
        )}
      </div>
      <Field label={t("wecom.groupCodes.target")}>
        {(id) => (
          <Input
            id={id}
            maxLength={40}
            value={target.name}
            onChange={(event) => onChange({ ...target, name: event.target.value })}
          />
        )}
      </Field>
      {target.kind === "way" ? (
        <WayFields way={target} onChange={onChange} />
      ) : (
        <ImageFields image={target} onChange={onChange} />
      )}
      <WhereFields target={target} onChange={onChange} />
    </section>
  );
}

function WayFields({ way, onChange }: { way: WayDraft; onChange: (target: TargetDraft) => void }) {
  const { t } = useI18n();
  const groups = useQuery(groupsQuery({ state: "active" }));
  return (
    <>
      <Field label={t("nav.groups")} hint={t("wecom.groupCodes.groups.hint")}>
        {(id) => (
          <Select
            id={id}
            mode="multiple"
            showSearch={{ optionFilterProp: "label" }}
            value={way.groups}
            onChange={(chosen) => onChange({ ...way, groups: chosen })}
            options={groups.data?.items.map((group) => ({
              value: group.id,
              label: `${group.name || group.chat_id} (${group.members})`,
            }))}
          />
        )}
      </Field>
      <div className={styles.row}>
        <Field label={t("wecom.groupCodes.auto")}>
          {(id) => (
            <Switch
              id={id}
              checked={way.auto_create}
              onChange={(auto_create) => onChange({ ...way, auto_create })}
              style={{ width: "fit-content" }}
            />
          )}
        </Field>
        {way.auto_create && (
          <>
            <Field label={t("wecom.groupCodes.baseName")}>
              {(id) => (
                <Input
                  id={id}
                  maxLength={40}
                  value={way.base_name}
                  onChange={(event) => onChange({ ...way, base_name: event.target.value })}
                />
              )}
            </Field>
            <Field label={t("wecom.groupCodes.baseNumber")}>
              {(id) => (
                <InputNumber
                  id={id}
                  min={1}
                  precision={0}
                  value={way.base_number}
                  onChange={(base_number) => base_number !== null && onChange({ ...way, base_number })}
                />
              )}
            </Field>
          </>
        )}
      </div>
    </>
  );
}

function ImageFields({ image, onChange }: { image: ImageDraft; onChange: (target: TargetDraft) => void }) {
  const { t } = useI18n();
  const read = (file: File | undefined) => {
    if (!file) return;
    const reader = new FileReader();
    reader.onload = () => onChange({ ...image, picture: String(reader.result) });
    reader.readAsDataURL(file);
  };
  return (
    <div className={styles.row}>
      <Field label={t("wecom.groupCodes.upload")} hint={t("wecom.groupCodes.upload.hint")}>
        {(id) => (
          <input
            id={id}
            type="file"
            accept="image/png,image/jpeg"
            onChange={(event) => read(event.target.files?.[0])}
          />
        )}
      </Field>
      <Field label={t("wecom.groupCodes.limit")}>
        {(id) => (
          <InputNumber
            id={id}
            min={1}
            max={500}
            precision={0}
            value={image.user_limit}
            onChange={(user_limit) => user_limit !== null && onChange({ ...image, user_limit })}
          />
        )}
      </Field>
      <Field label={t("wecom.groupCodes.expiresOn")}>
        {(id) => (
          <Input
            id={id}
            type="date"
            value={image.expires_at.slice(0, 10)}
            onChange={(event) =>
              event.target.value && onChange({ ...image, expires_at: `${event.target.value}T00:00:00Z` })
            }
          />
        )}
      </Field>
    </div>
  );
}

/** Whom the target is for; nothing chosen is everybody. */
function WhereFields({ target, onChange }: { target: TargetDraft; onChange: (target: TargetDraft) => void }) {
  const { t } = useI18n();
  const segments = useQuery(segmentsQuery);
  const where = target.where ?? emptyWhere();
  const words = [
    ["stores", "store"],
    ["sources", "source"],
    ["languages", "language"],
  ] as const;
  return (
    <Field label={t("wecom.groupCodes.where")} hint={t("wecom.groupCodes.where.hint")}>
      {() => (
        <div className={styles.filters}>
          {words.map(([field, name]) => (
            <Select
              key={field}
              mode="tags"
              aria-label={t(`wecom.groupCodes.${name}`)}
              placeholder={t(`wecom.groupCodes.${name}`)}
              value={where[field] ?? []}
              onChange={(chosen) => onChange({ ...target, where: { ...where, [field]: chosen } })}
              open={false}
              suffixIcon={null}
            />
          ))}
          <Select
            mode="multiple"
            aria-label={t("wecom.groupCodes.segment")}
            placeholder={t("wecom.groupCodes.segment")}
            value={where.segments ?? []}
            onChange={(chosen) => onChange({ ...target, where: { ...where, segments: chosen } })}
            options={segments.data?.items.map((one) => ({ value: one.id, label: one.name }))}
          />
        </div>
      )}
    </Field>
  );
}
