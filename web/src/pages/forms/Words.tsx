import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { type Narrowing, wordsQuery } from "../../api/forms";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Bone } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import { Bars } from "./Bars";

interface WordsProps {
  id: string;
  question: string;
  narrowing: Narrowing;
}

/** The words of a question for text; they are counted when somebody asks. */
export function Words(props: WordsProps) {
  const { t } = useI18n();
  const [isAsked, ask] = useState(false);
  return isAsked ? (
    <Counted {...props} />
  ) : (
    <Button onClick={() => ask(true)}>{t("forms.words.count")}</Button>
  );
}

function Counted({ id, question, narrowing }: WordsProps) {
  const { t } = useI18n();
  const format = useFormat();
  const { data, error, refetch } = useQuery(wordsQuery(id, question, narrowing));
  if (error) return <ErrorNotice error={error} onRetry={refetch} />;
  if (!data) return <Bone height={120} />;
  const said = [
    t("forms.words.least", { n: data.least }),
    data.read < data.answered &&
      t("forms.words.sample", { read: format.count(data.read), all: format.count(data.answered) }),
  ].filter(Boolean);
  return (
    <>
      <p className="muted">{said.join(" ")}</p>
      {data.words.length === 0 ? (
        <p>{t("forms.words.none")}</p>
      ) : (
        <Bars
          bars={data.words.map((one) => ({ key: one.word, label: one.word, count: one.answers }))}
          whole={data.read}
        />
      )}
    </>
  );
}
