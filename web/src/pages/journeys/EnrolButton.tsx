import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Modal, Select } from "antd";
import { useState } from "react";
import { enrolPerson } from "../../api/enrolments";
import { journeysQuery } from "../../api/queries";
import { useMay } from "../../app/session";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Field } from "./fields";

/** Lets one person into a journey that runs. */
export function EnrolButton({ personId }: { personId: string }) {
  const { t } = useI18n();
  const may = useMay();
  // A new key each time the window is opened: pressed twice, it lets them in once.
  const [key, setKey] = useState<string | null>(null);
  if (!may("journeys.write")) return null;
  return (
    <>
      <Button size="small" onClick={() => setKey(crypto.randomUUID())}>
        {t("enrol.open")}
      </Button>
      {key && <EnrolWindow personId={personId} requestKey={key} onClose={() => setKey(null)} />}
    </>
  );
}

interface WindowProps {
  personId: string;
  requestKey: string;
  onClose: () => void;
}

function EnrolWindow({ personId, requestKey, onClose }: WindowProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const { data } = useQuery(journeysQuery);
  const [journey, setJourney] = useState("");
  const running = data?.items.filter(({ status }) => status === "active");
  const enrol = useMutation({
    mutationFn: () => enrolPerson(journey, { key: requestKey, person_id: personId }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["person-journeys", personId] }),
  });
  const name = running?.find(({ id }) => id === journey)?.name ?? "";
  const { data: done } = enrol;
  return (
    <Modal
      open
      title={t("enrol.open")}
      onCancel={onClose}
      okText={t("enrol.open")}
      okButtonProps={{ disabled: journey === "" || done?.entered, loading: enrol.isPending }}
      onOk={() => enrol.mutate()}
    >
      <Field label={t("peopleJobs.journey")} hint={t("enrol.hint")}>
        <Select
          showSearch={{ optionFilterProp: "label" }}
          aria-label={t("peopleJobs.journey")}
          value={journey || undefined}
          onChange={(id: string) => {
            setJourney(id);
            enrol.reset();
          }}
          notFoundContent={t("peopleJobs.journey.none")}
          options={running?.map((one) => ({ value: one.id, label: one.name }))}
          style={{ width: "100%" }}
        />
      </Field>
      {enrol.error && <ErrorNotice error={enrol.error} />}
      {done && (
        <Alert
          showIcon
          type={done.entered ? "success" : "info"}
          title={done.entered ? t("enrol.done", { journey: name }) : t(`enrol.${done.reason ?? "reentry"}`)}
        />
      )}
    </Modal>
  );
}
