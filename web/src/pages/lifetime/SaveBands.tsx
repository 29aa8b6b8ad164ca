import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { saveSegment } from "../../api/queries";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import styles from "./lifetime.module.css";
import { type Bands, definitionOf } from "./tree";
import { useCode } from "./words";

/** Makes a segment of the chosen bands, and goes there. */
export function SaveBands({ bands }: { bands: Bands }) {
  const { t } = useI18n();
  const code = useCode();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const chosen = [bands.alive && code("alive", bands.alive), bands.value && code("value", bands.value)];
  const [name, setName] = useState(() =>
    t("lifetime.segmentName", { bands: chosen.filter(Boolean).join(" · ") }),
  );
  const save = useMutation({
    mutationFn: () =>
      saveSegment(null, { name: name.trim(), description: "", definition: definitionOf(bands) }),
    onSuccess: (saved) => {
      queries.invalidateQueries({ queryKey: ["segments"] });
      navigate(`/segments/${saved.id}`);
    },
  });
  return (
    <div className={styles.save}>
      <Input
        value={name}
        maxLength={100}
        aria-label={t("lifetime.save.name")}
        onChange={(event) => setName(event.target.value)}
      />
      <Button disabled={name.trim() === ""} loading={save.isPending} onClick={() => save.mutate()}>
        {t("lifetime.save")}
      </Button>
      {save.error && <ErrorNotice error={save.error} />}
    </div>
  );
}
