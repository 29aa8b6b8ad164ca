import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Input } from "antd";
import { type FormEvent, useRef, useState } from "react";
import { sourcesQuery } from "../../api/events";
import { createWriteKey, LIVE_MS, trackingQuery } from "../../api/queries";
import type { WriteKey } from "../../api/types";
import { useI18n } from "../../i18n";
import { Code } from "../../ui/Code";
import { CopyButton } from "../../ui/CopyButton";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { Dot } from "../../ui/Tag";
import { SNIPPET_KINDS, type SnippetKind, trackingSnippet } from "./snippets";
import styles from "./sources.module.css";

/** The first event may come while the page still asks how things stand. */
const LOOK_BACK_MS = 5_000;

/** Keys, ready-made code, and whether the first event has come. */
export function ConnectPanel() {
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
          {create.data && <FirstEvent key={create.data.write_key} source={create.variables.source} />}
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
  const [kind, setKind] = useState<SnippetKind>("web");
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
      <p className={styles.hint}>{t(`snippet.${kind}.hint`)}</p>
      <Code text={text} />
    </div>
  );
}

/** Waits for what the new key's source says first. */
function FirstEvent({ source }: { source: string }) {
  const { t } = useI18n();
  const { data } = useQuery(sourcesQuery(LIVE_MS));
  const since = useRef<string>(undefined);
  since.current ??= data?.as_of;
  const found = data?.sources.find((one) => one.source === source);
  const heardAt = found?.last_heard_at;
  const isNew = heardAt && since.current && Date.parse(heardAt) >= Date.parse(since.current) - LOOK_BACK_MS;
  return (
    <p className={styles.first} role="status" data-testid="first-event">
      <Dot tone={isNew ? "jade" : "amber"} />{" "}
      {isNew
        ? t("sources.first.heard", { source, event: found.last_event })
        : t("sources.first.waiting", { source })}
    </p>
  );
}
