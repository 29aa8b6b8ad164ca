import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { type Notes, notesQuery, writeNotes } from "./api";
import { changesOf } from "./changes";
import { Empty, Failure, problemText, Section } from "./pieces";
import { t } from "./words";

/** The member's notes, read from WeCom and written to it. */
export function NotesForm({ customer }: { customer: string }) {
  const notes = useQuery(notesQuery(customer));
  if (notes.error) return <Failure error={notes.error} onRetry={notes.refetch} />;
  if (!notes.data) return <Empty>{t("loading")}</Empty>;
  return <Form key={JSON.stringify(notes.data)} customer={customer} notes={notes.data} />;
}

function Form({ customer, notes }: { customer: string; notes: Notes }) {
  const queries = useQueryClient();
  const [remark, setRemark] = useState(notes.remark);
  const [description, setDescription] = useState(notes.description);
  const [mobiles, setMobiles] = useState(notes.mobiles.join(" "));
  const save = useMutation({
    mutationFn: () => writeNotes(customer, changesOf(notes, { remark, description, mobiles })),
    onSuccess: (kept) => {
      queries.setQueryData(notesQuery(customer).queryKey, kept);
      void queries.invalidateQueries({ queryKey: ["customers"] });
    },
  });
  const changed = Object.keys(changesOf(notes, { remark, description, mobiles })).length > 0;
  return (
    <Section title={t("notes")}>
      <form
        className="sb-form"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <label htmlFor="sb-remark">
          {t("remark")}
          <Input
            id="sb-remark"
            value={remark}
            maxLength={20}
            onChange={(event) => setRemark(event.target.value)}
          />
        </label>
        <label htmlFor="sb-description">
          {t("description")}
          <Input.TextArea
            id="sb-description"
            value={description}
            maxLength={150}
            autoSize={{ minRows: 2, maxRows: 5 }}
            onChange={(event) => setDescription(event.target.value)}
          />
        </label>
        <label htmlFor="sb-mobiles">
          {t("mobiles")}
          <Input
            id="sb-mobiles"
            value={mobiles}
            inputMode="tel"
            onChange={(event) => setMobiles(event.target.value)}
          />
        </label>
        {save.error && (
          <p className="sb-note" role="alert">
            {problemText(save.error)}
          </p>
        )}
        {save.isSuccess && !changed && <p role="status">{t("saved")}</p>}
        <Button type="primary" htmlType="submit" block disabled={!changed} loading={save.isPending}>
          {t("save")}
        </Button>
      </form>
    </Section>
  );
}
