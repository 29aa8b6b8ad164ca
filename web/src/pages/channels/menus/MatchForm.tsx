import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { accountTagsQuery } from "../../../api/channels";
import type { MenuMatch } from "../../../api/types";
import { useI18n } from "../../../i18n";
import type { TabProps } from "../ChannelPage";
import { Field } from "../content/Field";
import styles from "./menus.module.css";

interface MatchFormProps extends TabProps {
  match: MenuMatch;
  problem: string;
  onChange: (match: MenuMatch) => void;
}

const DEVICES = ["1", "2", "3"] as const;

/** Who sees a conditional menu. */
export function MatchForm({ account, match, problem, onChange }: MatchFormProps) {
  const { t } = useI18n();
  const { data } = useQuery(accountTagsQuery(account.id));
  return (
    <div className={styles.match}>
      <Field label={t("menu.match.tag")}>
        {(id) => (
          <Select
            id={id}
            allowClear
            value={match.tag_id ?? undefined}
            onChange={(tag_id: number | undefined) => onChange({ ...match, tag_id: tag_id ?? null })}
            showSearch={{ optionFilterProp: "label" }}
            options={data?.items.map((tag) => ({ value: tag.id, label: tag.name }))}
            style={{ width: "100%" }}
          />
        )}
      </Field>
      <Field label={t("menu.match.device")} problem={problem}>
        {(id) => (
          <Select
            id={id}
            allowClear
            value={match.client_platform ?? undefined}
            onChange={(device: (typeof DEVICES)[number] | undefined) =>
              onChange({ ...match, client_platform: device ?? null })
            }
            options={DEVICES.map((value) => ({ value, label: t(`device.${value}`) }))}
            style={{ width: "100%" }}
          />
        )}
      </Field>
    </div>
  );
}
