import { useMutation } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { matchMenu } from "../../../api/channels";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import type { TabProps } from "../ChannelPage";
import { Field } from "../content/Field";
import { PeopleSelect } from "../PeopleSelect";
import styles from "./menus.module.css";

/** Asks WeChat which menu one person sees. */
export function WhoSees({ account }: TabProps) {
  const { t } = useI18n();
  const [people, setPeople] = useState<readonly string[]>([]);
  const match = useMutation({ mutationFn: (person: string) => matchMenu(account.id, person) });
  const person = people[0];
  return (
    <Panel title={t("menu.sees")} testId="menu-match">
      <div className={styles.sees}>
        <Field label={t("menu.sees.person")} hint={t("menu.sees.hint")}>
          {(id) => (
            <PeopleSelect
              id={id}
              value={people}
              max={1}
              onChange={(ids) => {
                match.reset();
                setPeople(ids);
              }}
            />
          )}
        </Field>
        <Button
          disabled={person === undefined}
          loading={match.isPending}
          onClick={() => person !== undefined && match.mutate(person)}
        >
          {t("menu.sees.ask")}
        </Button>
      </div>
      {match.error && <ErrorNotice error={match.error} />}
      <div role="status">
        {match.data && (
          <ul className={styles.seen} aria-label={t("menu.sees")}>
            {match.data.buttons.map((button) => (
              <li key={button.name}>
                <strong>{button.name}</strong>
                {(button.sub_buttons ?? []).map((sub) => (
                  <span key={sub.name}>{sub.name}</span>
                ))}
              </li>
            ))}
          </ul>
        )}
        {match.data?.buttons.length === 0 && <p className="soft">{t("menu.sees.none")}</p>}
      </div>
    </Panel>
  );
}
