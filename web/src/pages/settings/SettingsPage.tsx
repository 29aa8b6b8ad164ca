import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Input } from "antd";
import { type FormEvent, useState } from "react";
import { createWriteKey, trackingQuery } from "../../api/queries";
import type { WriteKey } from "../../api/types";
import { useSession } from "../../app/session";
import { useI18n } from "../../i18n";
import { CopyButton } from "../../ui/CopyButton";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import styles from "./settings.module.css";
import { SNIPPET_KINDS, type SnippetKind, trackingSnippet } from "./snippets";

export default function SettingsPage() {
  const { t } = useI18n();
  return (
    <Page title={t("nav.settings")}>
      <BrandPanel />
      <TrackingPanel />
    </Page>
  );
}

function BrandPanel() {
  const { t } = useI18n();
  const { session } = useSession();
  const { brand, version } = session;
  const facts = [
    [t("settings.brand"), brand.name],
    [t("settings.zone"), brand.time_zone],
    [t("settings.currency"), brand.currency],
    [t("settings.version"), version],
  ];
  return (
    <Panel title={t("settings.brandTitle")} testId="settings-brand">
      <dl className={styles.facts}>
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function TrackingPanel() {
  const { t } = useI18n();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(trackingQuery);
  const create = useMutation({
    mutationFn: createWriteKey,
    onSuccess: () => queries.invalidateQueries({ queryKey: trackingQuery.queryKey }),
  });
  return (
    <Panel title={t("settings.tracking")} testId="settings-tracking">
      <p className="soft">{t("settings.tracking.text")}</p>
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton rows={2} />}
      {data && (
        <>
          <Keys keys={data.write_keys} />
          <NewKey busy={create.isPending} onCreate={(wanted) => create.mutate(wanted)} />
          {create.error && <ErrorNotice error={create.error} />}
          {create.data && <ShownOnce secret={create.data.write_key} />}
          <Snippet endpoint={data.endpoint} writeKey={create.data?.write_key} />
        </>
      )}
    </Panel>
  );
}

function Keys({ keys }: { keys: readonly WriteKey[] }) {
  const { t } = useI18n();
  if (keys.length === 0) return <p className={styles.gap}>{t("settings.keys.empty")}</p>;
  return (
    <ul className={styles.keys} aria-label={t("settings.keys")}>
      {keys.map((key) => (
        <li key={key.id}>
          <span>
            {key.name} <span className="muted">{key.source}</span>
          </span>
          <code className="mono">{key.key_masked}</code>
        </li>
      ))}
    </ul>
  );
}

interface NewKeyProps {
  busy: boolean;
  onCreate: (wanted: { name: string; source: string }) => void;
}

/** The source is what the timeline shows beside every event that comes with this key. */
function NewKey({ busy, onCreate }: NewKeyProps) {
  const { t } = useI18n();
  const [name, setName] = useState("");
  const [source, setSource] = useState("");
  const ready = name.trim() !== "" && source.trim() !== "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    onCreate({ name: name.trim(), source: source.trim() });
    setName("");
    setSource("");
  };
  const field = (label: string, value: string, change: (text: string) => void) => (
    <Input
      value={value}
      maxLength={60}
      placeholder={label}
      aria-label={label}
      onChange={(event) => change(event.target.value)}
      style={{ flex: "1 1 180px" }}
    />
  );
  return (
    <form className={styles.newKey} onSubmit={submit}>
      {field(t("settings.keyName"), name, setName)}
      {field(t("settings.keySource"), source, setSource)}
      <Button htmlType="submit" loading={busy} disabled={!ready}>
        {t("settings.newKey")}
      </Button>
    </form>
  );
}

function ShownOnce({ secret }: { secret: string }) {
  const { t } = useI18n();
  return (
    <Alert
      type="warning"
      title={t("settings.once")}
      description={
        <span className={styles.secret}>
          <code className="mono" data-testid="new-write-key">
            {secret}
          </code>
          <CopyButton text={secret} />
        </span>
      }
    />
  );
}

function Snippet({ endpoint, writeKey }: { endpoint: string; writeKey: string | undefined }) {
  const { t } = useI18n();
  const [kind, setKind] = useState<SnippetKind>("curl");
  const text = trackingSnippet(kind, { endpoint, writeKey: writeKey ?? "YOUR_WRITE_KEY" });
  return (
    <div className={styles.snippet}>
      <div className={styles.snippetHead}>
        <div role="tablist" aria-label={t("settings.snippet")}>
          {SNIPPET_KINDS.map((each) => (
            <button
              key={each}
              type="button"
              role="tab"
              aria-selected={kind === each}
              onClick={() => setKind(each)}
            >
              {t(`snippet.${each}`)}
            </button>
          ))}
        </div>
        <CopyButton text={text} />
      </div>
      <pre>{text}</pre>
    </div>
  );
}
