import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Input, InputNumber, Modal, Segmented, Select } from "antd";
import { useId, useState } from "react";
import { CHANNELS, purposesQuery } from "../../api/consent";
import type { LookalikeList, LookalikeSearch } from "../../api/lookalike";
import { segmentsQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { usePurposeName } from "../consent/words";
import styles from "./segments.module.css";

const PEOPLE_MAX = 1_000_000;

interface LookalikeFormProps {
  title: string;
  /** Asked for a new list only. */
  name?: string;
  search: LookalikeSearch;
  onClose: () => void;
  send: (search: LookalikeSearch, name: string) => Promise<LookalikeList>;
  onDone: (made: LookalikeList) => void;
}

/** How many people like the seed to look for, and whom to leave out. */
export function LookalikeForm({ title, name, search, onClose, send, onDone }: LookalikeFormProps) {
  const { t } = useI18n();
  const id = useId();
  const [called, setCalled] = useState(name ?? "");
  const [asked, setAsked] = useState(search);
  const { data: segments } = useQuery(segmentsQuery);
  const find = useMutation({ mutationFn: () => send(asked, called.trim()), onSuccess: onDone });
  const byShare = asked.people === null || asked.people === undefined;
  const sized = byShare ? (asked.share_bps ?? 0) > 0 : (asked.people ?? 0) > 0;
  return (
    <Modal
      open
      onCancel={onClose}
      title={title}
      okText={t("lookalike.find")}
      okButtonProps={{ disabled: !sized || (name !== undefined && called.trim() === "") }}
      confirmLoading={find.isPending}
      onOk={() => find.mutate()}
    >
      <div className={styles.uploadForm}>
        <p className="soft">{t("lookalike.lead")}</p>
        {name !== undefined && (
          <Input
            value={called}
            maxLength={100}
            aria-label={t("list.name")}
            placeholder={t("list.name")}
            onChange={(event) => setCalled(event.target.value)}
          />
        )}
        <div className={styles.row}>
          <Segmented
            value={byShare ? "share" : "people"}
            aria-label={t("lookalike.size")}
            onChange={(way) =>
              setAsked({
                ...asked,
                people: way === "people" ? 1_000 : null,
                share_bps: way === "share" ? 500 : null,
              })
            }
            options={[
              { value: "people", label: t("lookalike.byPeople") },
              { value: "share", label: t("lookalike.byShare") },
            ]}
          />
          {byShare ? (
            <InputNumber
              value={(asked.share_bps ?? 0) / 100}
              min={0.01}
              max={100}
              suffix="%"
              aria-label={t("lookalike.byShare")}
              onChange={(value) => setAsked({ ...asked, share_bps: Math.round((value ?? 0) * 100) })}
            />
          ) : (
            <InputNumber
              value={asked.people}
              min={1}
              max={PEOPLE_MAX}
              precision={0}
              aria-label={t("lookalike.byPeople")}
              onChange={(people) => setAsked({ ...asked, people: people ?? 0 })}
            />
          )}
        </div>
        <label htmlFor={id} className="soft">
          {t("lookalike.exclude")}
        </label>
        <Select
          id={id}
          mode="multiple"
          maxCount={10}
          value={asked.exclude}
          onChange={(exclude) => setAsked({ ...asked, exclude })}
          placeholder={t("lookalike.excludeHint")}
          aria-label={t("lookalike.exclude")}
          options={segments?.items
            .filter((one) => one.id !== asked.seed)
            .map((one) => ({ value: one.id, label: one.name }))}
          showSearch={{ optionFilterProp: "label" }}
        />
        <WithdrawnPick
          value={asked.withdrawn ?? []}
          onChange={(withdrawn) => setAsked({ ...asked, withdrawn })}
        />
        {find.error && <ErrorNotice error={find.error} />}
      </div>
    </Modal>
  );
}

type Withdrawn = NonNullable<LookalikeSearch["withdrawn"]>;

function WithdrawnPick({ value, onChange }: { value: Withdrawn; onChange: (value: Withdrawn) => void }) {
  const { t } = useI18n();
  const purposeName = usePurposeName();
  const { data } = useQuery(purposesQuery);
  const purposes = data?.items.map((one) => one.key) ?? [];
  return (
    <Select
      mode="multiple"
      maxCount={10}
      value={value.map((one) => `${one.purpose}:${one.channel}`)}
      onChange={(chosen) =>
        onChange(
          chosen.map((text) => {
            const [purpose = "", channel = ""] = text.split(":");
            return { purpose, channel: channel as Withdrawn[number]["channel"] };
          }),
        )
      }
      placeholder={t("lookalike.withdrawnHint")}
      aria-label={t("lookalike.withdrawn")}
      options={purposes.flatMap((purpose) =>
        CHANNELS.map((channel) => ({
          value: `${purpose}:${channel}`,
          label: t("lookalike.withdrawnOf", {
            purpose: purposeName(purpose),
            channel: t(`consent.channel.${channel}`),
          }),
        })),
      )}
      showSearch={{ optionFilterProp: "label" }}
    />
  );
}

/** Look for people like those of a segment; the list opens at once and fills after a yes. */
export function LookalikeButton({
  label,
  ...form
}: Omit<LookalikeFormProps, "title" | "onClose"> & { label: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{label}</Button>
      {open && (
        <LookalikeForm
          {...form}
          title={label}
          onClose={() => setOpen(false)}
          onDone={(made) => {
            setOpen(false);
            form.onDone(made);
          }}
        />
      )}
    </>
  );
}
