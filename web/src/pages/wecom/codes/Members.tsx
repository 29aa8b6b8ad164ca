import { DeleteOutlined } from "@ant-design/icons";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, InputNumber, Select } from "antd";
import { useEffect } from "react";
import type { LiveCodeMember } from "../../../api/wecom/codes";
import { staffQuery } from "../../../api/wecom/staff";
import { useI18n } from "../../../i18n";
import styles from "./codes.module.css";

export interface Person {
  userid: string;
  name: string;
  isAble: boolean;
}

/** Everybody of a company who may be chosen, page after page. */
export function usePeople(corp: string): readonly Person[] {
  const { data, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery({
    ...staffQuery({ corp }),
    enabled: corp !== "",
  });
  useEffect(() => {
    if (hasNextPage && !isFetching) fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  return (data?.pages ?? []).flatMap((page) =>
    page.items.map((row) => ({
      userid: row.userid,
      name: row.name || row.userid,
      isAble: row.status === 1 && row.can_serve,
    })),
  );
}

interface PickPeopleProps {
  id?: string;
  label: string;
  people: readonly Person[];
  value: readonly string[];
  onChange: (userids: string[]) => void;
}

export function PickPeople({ id, label, people, value, onChange }: PickPeopleProps) {
  return (
    <Select
      id={id}
      mode="multiple"
      aria-label={label}
      placeholder={label}
      value={[...value]}
      onChange={onChange}
      showSearch={{ optionFilterProp: "label" }}
      options={people.map((one) => ({ value: one.userid, label: one.name, disabled: !one.isAble }))}
      style={{ width: "100%" }}
    />
  );
}

interface MembersProps {
  label: string;
  people: readonly Person[];
  value: readonly LiveCodeMember[];
  onChange: (members: LiveCodeMember[]) => void;
}

/** Members with weight and caps; who is added has neither. */
export function Members({ label, people, value, onChange }: MembersProps) {
  const { t } = useI18n();
  const names = new Map(people.map((one) => [one.userid, one.name]));
  const pick = (userids: string[]) =>
    onChange(
      userids.map(
        (userid) =>
          value.find((one) => one.userid === userid) ?? {
            userid,
            weight: 1,
            daily_cap: null,
            held_cap: null,
          },
      ),
    );
  const change = (userid: string, part: Partial<LiveCodeMember>) =>
    onChange(value.map((one) => (one.userid === userid ? { ...one, ...part } : one)));
  return (
    <div className={styles.rows}>
      <PickPeople label={label} people={people} value={value.map((one) => one.userid)} onChange={pick} />
      {value.map((one) => {
        const name = names.get(one.userid) ?? one.userid;
        return (
          <div key={one.userid} className={styles.row}>
            <span className={styles.grow}>{name}</span>
            <InputNumber
              aria-label={`${name} ${t("wecom.codes.weight")}`}
              className={styles.number}
              prefix={t("wecom.codes.weight")}
              min={1}
              max={100}
              precision={0}
              value={one.weight}
              onChange={(weight) => change(one.userid, { weight: weight ?? 1 })}
            />
            <InputNumber
              aria-label={`${name} ${t("wecom.codes.dailyCap")}`}
              className={styles.cap}
              prefix={t("wecom.codes.dailyCap")}
              placeholder={t("wecom.codes.noCap")}
              min={1}
              max={100_000}
              precision={0}
              value={one.daily_cap}
              onChange={(daily_cap) => change(one.userid, { daily_cap })}
            />
            <InputNumber
              aria-label={`${name} ${t("wecom.codes.heldCap")}`}
              className={styles.cap}
              prefix={t("wecom.codes.heldCap")}
              placeholder={t("wecom.codes.noCap")}
              min={1}
              max={100_000}
              precision={0}
              value={one.held_cap}
              onChange={(held_cap) => change(one.userid, { held_cap })}
            />
            <Button
              type="text"
              icon={<DeleteOutlined />}
              aria-label={`${t("wecom.codes.remove")} ${name}`}
              onClick={() => onChange(value.filter((other) => other.userid !== one.userid))}
            />
          </div>
        );
      })}
    </div>
  );
}
