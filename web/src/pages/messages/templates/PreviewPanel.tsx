import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Alert } from "antd";
import { useState } from "react";
import { type TemplateVariant, templatePreviewQuery } from "../../../api/messageTemplates";
import { peopleQuery } from "../../../api/queries";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { useDebounced } from "../../../ui/useDebounced";
import { Field } from "../../channels/content/Field";
import { PhonePreview } from "../../channels/content/PhonePreview";
import { PeopleSelect } from "../../channels/PeopleSelect";
import { knownName } from "../../people/knownName";
import { isReady } from "./draft";
import styles from "./templates.module.css";

/** What one person would read, as it is written. */
export function PreviewPanel({ variant }: { variant: TemplateVariant }) {
  const { t } = useI18n();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const people = useInfiniteQuery(peopleQuery({}));
  const first = people.data?.pages[0]?.items.find((one) => knownName(one.id, one.display_name));
  const person = chosen[0] ?? first?.id;
  return (
    <Panel title={t("mtp.preview")} testId="template-preview">
      <div className={styles.form}>
        <Field label={t("mtp.preview.as")}>
          {(id) => <PeopleSelect id={id} max={1} value={person ? [person] : []} onChange={setChosen} />}
        </Field>
        {!isReady(variant) && <p className="muted">{t("mtp.preview.notReady")}</p>}
        {isReady(variant) && person && <Preview person={person} variant={variant} />}
      </div>
    </Panel>
  );
}

function Preview({ person, variant }: { person: string; variant: TemplateVariant }) {
  const { t, locale } = useI18n();
  const written = useDebounced(JSON.stringify(variant));
  const { data, error } = useQuery(templatePreviewQuery(person, JSON.parse(written) as TemplateVariant));
  const shown = data?.items[0];
  if (error) return <ErrorNotice error={error} />;
  if (!shown) return null;
  return (
    <>
      {shown.reason_text && (
        <Alert
          showIcon
          type="warning"
          title={t("mtp.preview.refused", { reason: shown.reason_text[locale] })}
          description={shown.detail}
        />
      )}
      {shown.missing.length > 0 && (
        <p>
          {t("mtp.preview.missing")} <code className="mono">{shown.missing.join(", ")}</code>
        </p>
      )}
      {shown.text !== null && (
        <PhonePreview
          title={t(`messageKind.${shown.message_kind}`)}
          contents={[{ kind: "text", text: shown.text }]}
        />
      )}
      {!shown.is_reachable && <p className="muted">{t("mtp.preview.unreachable")}</p>}
    </>
  );
}
