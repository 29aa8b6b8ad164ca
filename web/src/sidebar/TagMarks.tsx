import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Tag } from "antd";
import { useState } from "react";
import { markTags, notesQuery, tagsQuery } from "./api";
import { problemText, Section } from "./pieces";
import { t } from "./words";

/** The tags the member gave; where the company's tags are kept here, they can be changed. */
export function TagMarks({ customer }: { customer: string }) {
  const notes = useQuery(notesQuery(customer));
  const choices = useQuery(tagsQuery);
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null);
  const held = new Set((notes.data?.tags ?? []).map((tag) => tag.id).filter(Boolean));
  const save = useMutation({
    mutationFn: (wanted: ReadonlySet<string>) =>
      markTags(
        customer,
        [...wanted].filter((id) => !held.has(id)),
        [...held].filter((id) => !wanted.has(id)),
      ),
    onSuccess: () => setChosen(null),
  });
  const toggle = (id: string) => {
    const next = new Set(chosen ?? held);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  return (
    <Section title={t("tags")}>
      <p>
        {(notes.data?.tags ?? []).map((tag) => (
          <Tag key={`${tag.id}${tag.name}`} color={tag.id ? "green" : undefined}>
            {tag.name}
            {!tag.id && ` · ${t("ownTag")}`}
          </Tag>
        ))}
        {choices.data?.can_mark && !chosen && (
          <Button size="small" type="link" onClick={() => setChosen(held)}>
            {t("editTags")}
          </Button>
        )}
      </p>
      {chosen && (
        <>
          <p>
            {choices.data?.items.map((tag) => (
              <Tag.CheckableTag key={tag.id} checked={chosen.has(tag.id)} onChange={() => toggle(tag.id)}>
                {tag.name}
              </Tag.CheckableTag>
            ))}
          </p>
          <Button type="primary" size="small" loading={save.isPending} onClick={() => save.mutate(chosen)}>
            {t("save")}
          </Button>
        </>
      )}
      {save.error && <p className="sb-note">{problemText(save.error)}</p>}
      {save.isSuccess && <p role="status">{t("asked")}</p>}
    </Section>
  );
}
