import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Input, Select } from "antd";
import { liveCodesQuery } from "../../../api/wecom/codes";
import { corpsQuery } from "../../../api/wecom/corps";
import { staffQuery } from "../../../api/wecom/staff";
import type { WelcomeDraft, WelcomeSlot } from "../../../api/wecom/welcomes";
import { useNow, useZone } from "../../../app/session";
import { dayKey } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { Panel } from "../../../ui/Page";
import { Field } from "../../channels/content/Field";
import { CorpSelect } from "./CorpSelect";
import { SlotEditor } from "./SlotEditor";
import { newPeriod, newSlot, SCOPES } from "./welcome";
import styles from "./welcomes.module.css";

interface RuleFormProps {
  draft: WelcomeDraft;
  isNew: boolean;
  onChange: (draft: WelcomeDraft) => void;
}

export function RuleForm({ draft, isNew, onChange }: RuleFormProps) {
  const set = (part: Partial<WelcomeDraft>) => onChange({ ...draft, ...part });
  return (
    <div className={styles.form} data-testid="welcome-form">
      <WhomFields draft={draft} isNew={isNew} onChange={set} />
      <Slots draft={draft} onChange={set} />
      <Words draft={draft} onChange={set} />
    </div>
  );
}

interface PartProps {
  draft: WelcomeDraft;
  onChange: (part: Partial<WelcomeDraft>) => void;
}

const NAME_MAX = 60;

function WhomFields({ draft, isNew, onChange }: PartProps & { isNew: boolean }) {
  const { t } = useI18n();
  const { data: corps } = useQuery(corpsQuery);
  return (
    <Panel>
      <div className={styles.stack}>
        <div className={styles.row}>
          <Field label={t("wecom.welcomes.name")}>
            {(id) => (
              <Input
                id={id}
                value={draft.name}
                maxLength={NAME_MAX}
                onChange={(event) => onChange({ name: event.target.value })}
              />
            )}
          </Field>
          <Field label={t("wecom.welcomes.corp")}>
            {(id) => (
              <CorpSelect
                id={id}
                corps={corps?.items}
                value={draft.corp}
                disabled={!isNew}
                onChange={(corp) => onChange({ corp })}
              />
            )}
          </Field>
          <Checkbox checked={draft.enabled} onChange={(event) => onChange({ enabled: event.target.checked })}>
            {t("wecom.welcomes.enabled")}
          </Checkbox>
        </div>
        <div className={styles.row}>
          <Field label={t("wecom.welcomes.scope")}>
            {(id) => (
              <Select
                id={id}
                value={draft.scope}
                onChange={(scope) => onChange({ scope, targets: [] })}
                options={SCOPES.map((scope) => ({
                  value: scope,
                  label: t(`wecom.welcomes.scope.${scope}`),
                }))}
              />
            )}
          </Field>
          {draft.scope !== "corp" && (
            <Field label={t("wecom.welcomes.targets")} hint={t(`wecom.welcomes.targets.${draft.scope}`)}>
              {(id) => <Targets id={id} draft={draft} onChange={onChange} />}
            </Field>
          )}
        </div>
        <small className="muted">{t("wecom.welcomes.order")}</small>
      </div>
    </Panel>
  );
}

/** Choose among those we know, or write others: a store, or somebody not listed yet. */
function Targets({ id, draft, onChange }: PartProps & { id: string }) {
  const staff = useInfiniteQuery({ ...staffQuery({ corp: draft.corp }), enabled: draft.scope === "staff" });
  const codes = useInfiniteQuery({ ...liveCodesQuery({}), enabled: draft.scope === "code" });
  const options =
    draft.scope === "staff"
      ? staff.data?.pages.flatMap((page) => page.items).map((one) => ({ value: one.userid, label: one.name }))
      : codes.data?.pages.flatMap((page) => page.items).map((one) => ({ value: one.id, label: one.name }));
  return (
    <Select
      id={id}
      mode="tags"
      showSearch={{ optionFilterProp: "label" }}
      value={draft.targets}
      onChange={(targets: string[]) => onChange({ targets })}
      options={draft.scope === "store" ? [] : options}
    />
  );
}

function Slots({ draft, onChange }: PartProps) {
  const { t } = useI18n();
  const today = dayKey(useNow().toISOString(), useZone());
  const put = (index: number, slot: WelcomeSlot) => onChange({ slots: draft.slots.with(index, slot) });
  const add = (kind: "special" | "weekly") => {
    const stem = t(`wecom.welcomes.slot.${kind}`);
    const taken = new Set(draft.slots.map((slot) => slot.name));
    let name: string = stem;
    for (let number = 2; taken.has(name); number += 1) name = `${stem} ${number}`;
    onChange({ slots: [...draft.slots, newSlot(name, newPeriod(kind, today))] });
  };
  return (
    <>
      {draft.slots.map((slot, index) => (
        <SlotEditor
          // biome-ignore lint/suspicious/noArrayIndexKey: a slot's name changes while it is written.
          key={index}
          corp={draft.corp}
          slot={slot}
          hasCoupon={Boolean(draft.coupon_link)}
          onChange={(changed) => put(index, changed)}
          onRemove={
            slot.period === null ? undefined : () => onChange({ slots: draft.slots.toSpliced(index, 1) })
          }
        />
      ))}
      <div className={styles.bar}>
        <Button onClick={() => add("special")}>{t("wecom.welcomes.slot.addSpecial")}</Button>
        <Button onClick={() => add("weekly")}>{t("wecom.welcomes.slot.addWeekly")}</Button>
      </div>
    </>
  );
}

const DEFAULTS = ["name", "staff", "store"] as const;
const DEFAULT_MAX = 200;

function Words({ draft, onChange }: PartProps) {
  const { t } = useI18n();
  return (
    <Panel>
      <div className={styles.stack}>
        <div className={styles.row}>
          {DEFAULTS.map((name) => (
            <Field key={name} label={t(`wecom.welcomes.default.${name}`)}>
              {(id) => (
                <Input
                  id={id}
                  value={draft.defaults[name]}
                  maxLength={DEFAULT_MAX}
                  onChange={(event) =>
                    onChange({ defaults: { ...draft.defaults, [name]: event.target.value } })
                  }
                />
              )}
            </Field>
          ))}
        </div>
        <Field label={t("wecom.welcomes.coupon")} hint={t("wecom.welcomes.coupon.hint")}>
          {(id) => (
            <Input
              id={id}
              value={draft.coupon_link ?? ""}
              placeholder="https://"
              onChange={(event) => onChange({ coupon_link: event.target.value.trim() || null })}
            />
          )}
        </Field>
      </div>
    </Panel>
  );
}
