import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Input } from "antd";
import { useState } from "react";
import type { JourneyDrafted, SegmentDrafted } from "../../api/drafts";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import styles from "./drafting.module.css";

const TEXT_MAX = 1_000;

interface DescribeBoxProps<Drafted> {
  placeholder: string;
  draft: (text: string) => Promise<Drafted>;
  onDraft: (drafted: Drafted) => void;
}

/** Fills an editor from a sentence. Nothing is saved: what was not understood stands under the box. */
export function DescribeBox<Drafted extends SegmentDrafted | JourneyDrafted>({
  placeholder,
  draft,
  onDraft,
}: DescribeBoxProps<Drafted>) {
  const { t } = useI18n();
  const [text, setText] = useState("");
  const drafting = useMutation({ mutationFn: () => draft(text.trim()), onSuccess: onDraft });
  const ready = text.trim() !== "";
  return (
    <section className={styles.box} data-testid="describe">
      <div className={styles.line}>
        <Input.TextArea
          value={text}
          maxLength={TEXT_MAX}
          autoSize={{ minRows: 1, maxRows: 4 }}
          aria-label={t("drafting.label")}
          placeholder={`${t("drafting.label")} · ${placeholder}`}
          onChange={(event) => setText(event.target.value)}
          onPressEnter={(event) => {
            // Enter that chooses a word of an input method is not meant for us.
            if (event.shiftKey || event.nativeEvent.isComposing || !ready) return;
            event.preventDefault();
            drafting.mutate();
          }}
        />
        <Button disabled={!ready} loading={drafting.isPending} onClick={() => drafting.mutate()}>
          {t("drafting.draft")}
        </Button>
      </div>
      {drafting.error && <ErrorNotice error={drafting.error} />}
      {drafting.data && <Drafted drafted={drafting.data} />}
    </section>
  );
}

function Drafted({ drafted }: { drafted: SegmentDrafted | JourneyDrafted }) {
  const { t, locale } = useI18n();
  const notes = [...drafted.notes, ...("findings" in drafted ? drafted.findings : [])];
  const unknown = drafted.unknown.join(locale === "zh" ? "、" : ", ");
  return (
    <Alert
      showIcon
      role="status"
      type={drafted.unknown.length > 0 ? "warning" : "info"}
      title={unknown ? t("drafting.unknown", { words: unknown }) : t(`drafting.done.${drafted.source}`)}
      description={
        notes.length > 0 && (
          <ul className={styles.notes}>
            {notes.map((note) => (
              <li key={note.en}>{note[locale]}</li>
            ))}
          </ul>
        )
      }
    />
  );
}
