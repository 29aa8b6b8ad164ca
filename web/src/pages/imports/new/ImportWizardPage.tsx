import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import {
  examineFile,
  type FileChoice,
  type FileExamined,
  type ImportKind,
  type ImportPlan,
} from "../../../api/imports";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Page } from "../../../ui/Page";
import { ColumnsPanel } from "./ColumnsPanel";
import { FilePanel } from "./FilePanel";
import { PreviewPanel } from "./PreviewPanel";
import { gapOf } from "./plan";
import { RunPanel } from "./RunPanel";
import { UploadPanel } from "./UploadPanel";
import { WholePanel } from "./WholePanel";

/** From a file to people: one page, filled from the top to the bottom, nothing written before the last button. */
export default function ImportWizardPage() {
  const { t } = useI18n();
  const [examined, setExamined] = useState<FileExamined | null>(null);
  const [plan, setPlan] = useState<ImportPlan | null>(null);
  const take = (found: FileExamined) => {
    setExamined(found);
    setPlan(found.proposal);
  };
  const again = useMutation({
    mutationFn: ({ choice, kind }: { choice: Partial<FileChoice>; kind?: ImportKind }) =>
      examineFile(examined?.file.id ?? "", choice, kind),
    onSuccess: take,
  });
  const gap = plan && gapOf(plan);
  return (
    <Page
      title={t("importWizard.title")}
      lead={t("importWizard.lead")}
      back={{ to: "/imports", label: t("nav.imports") }}
    >
      {!examined && <UploadPanel onExamined={take} />}
      {examined && plan && (
        <>
          <FilePanel
            examined={examined}
            plan={plan}
            busy={again.isPending}
            onLook={(choice, kind) => again.mutate({ choice, kind })}
            onOther={() => setExamined(null)}
          />
          {again.error && <ErrorNotice error={again.error} />}
          <ColumnsPanel examined={examined} plan={plan} onChange={setPlan} />
          <WholePanel plan={plan} onChange={setPlan} />
          {gap ? (
            <p className="soft" role="status" data-testid="import-gap">
              {t(`importWizard.gap.${gap}`)}
            </p>
          ) : (
            <>
              <PreviewPanel fileId={examined.file.id} plan={plan} />
              <RunPanel fileId={examined.file.id} plan={plan} />
            </>
          )}
        </>
      )}
    </Page>
  );
}
