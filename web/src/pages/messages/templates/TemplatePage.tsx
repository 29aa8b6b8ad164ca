import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Popconfirm, Tabs } from "antd";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { officialAccountsQuery } from "../../../api/channels";
import {
  type OwnTemplate,
  removeTemplate,
  type SaveTemplate,
  saveTemplate,
  TEMPLATES_KEY,
  type TemplateVariant,
  templateQuery,
  templateVersionsQuery,
} from "../../../api/messageTemplates";
import { useMay, useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Page, Panel } from "../../../ui/Page";
import { PageSkeleton } from "../../../ui/PageSkeleton";
import { Field } from "../../channels/content/Field";
import { SendContent } from "../../journeys/SendForm";
import { BACK, EMPTY_VARIANT, isReady, nodeOf, saysTwice, variantOf } from "./draft";
import { MissingPanel } from "./MissingPanel";
import { PreviewPanel } from "./PreviewPanel";
import { TestPanel } from "./TestPanel";
import styles from "./templates.module.css";

/** A message template: its words, and what would become of them. */
export default function TemplatePage() {
  const { id = "new" } = useParams();
  const { t } = useI18n();
  const isNew = id === "new";
  const { data, error, refetch } = useQuery({ ...templateQuery(id), enabled: !isNew });
  if (isNew) return <Editor key="new" template={null} />;
  if (data) return <Editor key={id} template={data} />;
  if (!error) return <PageSkeleton />;
  return (
    <Page title={t("nav.messageTemplates")} back={{ to: BACK, label: t("nav.messageTemplates") }}>
      <ErrorNotice error={error} onRetry={refetch} />
    </Page>
  );
}

function Editor({ template }: { template: OwnTemplate | null }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const may = useMay();
  const accounts = useQuery(officialAccountsQuery);
  const [written, setDraft] = useState<SaveTemplate>(() => ({
    name: template?.name ?? "",
    note: template?.note ?? "",
    variants: template?.variants ?? [EMPTY_VARIANT],
  }));
  const [at, setAt] = useState(0);
  // The accounts may be known only after the first words are written.
  const account = accounts.data?.items[0]?.id ?? "";
  const variants = written.variants.map((one) => ({ ...one, account_id: one.account_id || account }));
  const draft: SaveTemplate = { ...written, variants };
  const change = (part: Partial<SaveTemplate>) => setDraft({ ...draft, ...part });
  const variant = variants[at] ?? variants[0] ?? EMPTY_VARIANT;
  const save = useMutation({
    mutationFn: () => saveTemplate(template?.id ?? null, { ...draft, name: draft.name.trim() }),
    onSuccess: async (saved) => {
      queries.setQueryData(templateQuery(saved.id).queryKey, saved);
      await queries.invalidateQueries({ queryKey: TEMPLATES_KEY });
      if (!template) navigate(`${BACK}/${saved.id}`, { replace: true });
    },
  });
  const remove = useMutation({
    mutationFn: () => removeTemplate(template?.id ?? ""),
    onSuccess: async () => {
      navigate(BACK);
      await queries.invalidateQueries({ queryKey: TEMPLATES_KEY });
    },
  });
  const isWhole = draft.name.trim() !== "" && variants.every(isReady) && !saysTwice(draft);
  const error = save.error ?? remove.error;
  return (
    <Page
      title={template?.name ?? t("mtp.create")}
      lead={template && t("mtp.version.n", { version: String(template.version) })}
      back={{ to: BACK, label: t("nav.messageTemplates") }}
      actions={
        may("messages.send") && (
          <>
            {template && (
              <Popconfirm title={t("mtp.remove.sure")} onConfirm={() => remove.mutate()}>
                <Button loading={remove.isPending}>{t("mtp.remove")}</Button>
              </Popconfirm>
            )}
            <Button type="primary" disabled={!isWhole} loading={save.isPending} onClick={() => save.mutate()}>
              {t("save")}
            </Button>
          </>
        )
      }
    >
      {error && <ErrorNotice error={error} />}
      {save.data && <p role="status">{t("mtp.saved", { version: String(save.data.version) })}</p>}
      <div className={styles.columns}>
        <div className={styles.column}>
          <Panel testId="template-form">
            <div className={styles.form}>
              <Field label={t("mtp.name")}>
                {(id) => (
                  <Input
                    id={id}
                    value={draft.name}
                    maxLength={100}
                    onChange={(event) => change({ name: event.target.value })}
                  />
                )}
              </Field>
              <Field label={t("mtp.note")}>
                {(id) => (
                  <Input
                    id={id}
                    value={draft.note}
                    maxLength={500}
                    onChange={(event) => change({ note: event.target.value })}
                  />
                )}
              </Field>
              <Variants
                variants={variants}
                at={at}
                setAt={setAt}
                onChange={(next) => change({ variants: next })}
              />
              {saysTwice(draft) && <p role="alert">{t("mtp.variant.twice")}</p>}
              <p className="muted">{t("mtp.helpers")}</p>
            </div>
          </Panel>
          <MissingPanel variants={variants} />
          {template && <Versions template={template} onLoad={(next) => change({ variants: next })} />}
        </div>
        {may("messages.send") && (
          <div className={styles.column}>
            <PreviewPanel variant={variant} />
            <TestPanel variant={variant} />
          </div>
        )}
      </div>
    </Page>
  );
}

interface VariantsProps {
  variants: TemplateVariant[];
  at: number;
  setAt: (at: number) => void;
  onChange: (variants: TemplateVariant[]) => void;
}

function Variants({ variants, at, setAt, onChange }: VariantsProps) {
  const { t } = useI18n();
  const shown = Math.min(at, variants.length - 1);
  const variant = variants[shown] ?? EMPTY_VARIANT;
  return (
    <>
      <Tabs
        activeKey={String(shown)}
        onChange={(key) => setAt(Number(key))}
        items={variants.map((one, index) => ({
          key: String(index),
          label: `${t("mtp.variant.n", { number: String(index + 1) })} · ${t(`messageKind.${one.message_kind}`)}`,
        }))}
      />
      <SendContent
        node={nodeOf(variant)}
        isTemplate
        onChange={(node) => onChange(variants.map((one, index) => (index === shown ? variantOf(node) : one)))}
      />
      <div className={styles.row}>
        <Button
          onClick={() => {
            onChange([...variants, { ...EMPTY_VARIANT, account_id: variant.account_id }]);
            setAt(variants.length);
          }}
        >
          {t("mtp.variant.add")}
        </Button>
        {variants.length > 1 && (
          <Button
            onClick={() => {
              onChange(variants.filter((_, index) => index !== shown));
              setAt(0);
            }}
          >
            {t("mtp.variant.remove")}
          </Button>
        )}
      </div>
    </>
  );
}

interface VersionsProps {
  template: OwnTemplate;
  onLoad: (variants: TemplateVariant[]) => void;
}

/** What it said before; loading a version writes it into the form, saving makes it the newest. */
function Versions({ template, onLoad }: VersionsProps) {
  const { t } = useI18n();
  const zone = useZone();
  const { data } = useQuery(templateVersionsQuery(template.id));
  const earlier = data?.items.filter((one) => one.version !== template.version) ?? [];
  if (earlier.length === 0) return null;
  return (
    <Panel title={t("mtp.versions")} testId="template-versions">
      <div className={styles.versions}>
        {earlier.map((one) => (
          <div key={one.version} className={styles.version}>
            <span>
              <strong>{t("mtp.version.n", { version: String(one.version) })}</strong>{" "}
              <span className="muted">
                {t("mtp.versions.by", { by: one.saved_by, at: formatDateTime(one.saved_at, zone) })}
              </span>
            </span>
            <Button size="small" onClick={() => onLoad(one.variants)}>
              {t("mtp.versions.load")}
            </Button>
          </div>
        ))}
      </div>
    </Panel>
  );
}
