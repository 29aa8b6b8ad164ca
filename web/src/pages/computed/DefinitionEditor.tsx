import { useQuery } from "@tanstack/react-query";
import { Input, InputNumber, Segmented, Select } from "antd";
import { computedQuery } from "../../api/computed";
import { catalogueQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { EventSelect, FieldSelect, Filters, Row } from "../segments/FactsEditor";
import { fieldsOf } from "../segments/fields";
import { WindowInput } from "../segments/inputs";
import styles from "./computed.module.css";
import {
  type Definition,
  type EventFigure,
  emptyDefinition,
  FIGURES,
  needsField,
  needsNumber,
  takesField,
  tellsValue,
  withFigure,
} from "./definition";

const TYPED = "number(points) · text(city) · time(birthday)";
const FUNCTIONS =
  "if · coalesce · min · max · abs · round · floor · ceil · days_between · hours_between · days_since · today · concat · contains · starts_with · length · is_set";

interface Props {
  definition: Definition;
  attributeKey: string | null;
  onChange: (definition: Definition) => void;
}

/** The definition on the screen: a figure of events, a formula, or a place among people. */
export function DefinitionEditor({ definition, attributeKey, onChange }: Props) {
  const { t } = useI18n();
  return (
    <div className={styles.definition}>
      <Segmented
        aria-label={t("computed.kind")}
        value={definition.kind}
        onChange={(kind) => onChange(emptyDefinition(kind))}
        options={(["events", "formula", "rank"] as const).map((kind) => ({
          value: kind,
          label: t(`computed.kind.${kind}`),
        }))}
      />
      <p className="soft">{t(`computed.kind.${definition.kind}.hint`)}</p>
      {definition.kind === "events" && <FigureEditor figure={definition} onChange={onChange} />}
      {definition.kind === "formula" && (
        <FormulaEditor text={definition.text} onChange={(text) => onChange({ kind: "formula", text })} />
      )}
      {definition.kind === "rank" && (
        <Row label={t("computed.rankOf")}>
          <Others
            except={attributeKey}
            value={definition.of}
            onChange={(of) => onChange({ kind: "rank", of })}
          />
        </Row>
      )}
    </div>
  );
}

function FigureEditor({ figure, onChange }: { figure: EventFigure; onChange: (next: Definition) => void }) {
  const { t } = useI18n();
  const { data: catalogue } = useQuery(catalogueQuery);
  const fields = fieldsOf(figure, catalogue).filter(
    (field) => !needsNumber(figure.figure) || field.type === "number",
  );
  const field = figure.of?.kind === "field" ? figure.of.field : "";
  const change = (part: Partial<EventFigure>) => onChange({ ...figure, ...part });
  return (
    <>
      <Row label={t("leaf.event")}>
        <EventSelect leaf={figure} catalogue={catalogue} onChange={(name) => change({ name })} />
        <Select
          aria-label={t("segment.each")}
          value={figure.each ?? "event"}
          onChange={(each) => change({ each, where: [], of: undefined })}
          options={(["event", "items"] as const).map((each) => ({ value: each, label: t(`each.${each}`) }))}
          popupMatchSelectWidth={false}
        />
      </Row>
      <Row label={t("segment.window")}>
        <WindowInput value={figure.window ?? { kind: "ever" }} onChange={(window) => change({ window })} />
      </Row>
      <Filters leaf={figure} catalogue={catalogue} onChange={(where) => change({ where })} />
      <Row label={t("computed.figure")}>
        <Select
          aria-label={t("computed.figure")}
          value={figure.figure}
          onChange={(next) => onChange(withFigure(figure, next))}
          options={FIGURES.map((one) => ({ value: one, label: t(`computed.figure.${one}`) }))}
          popupMatchSelectWidth={false}
          className={styles.figure}
        />
        {figure.figure === "percentile" && (
          <InputNumber
            aria-label={t("computed.percent")}
            min={0}
            max={100}
            value={figure.percent ?? 50}
            onChange={(percent) => change({ percent: percent ?? 50 })}
            suffix="%"
          />
        )}
        {figure.figure === "most_frequent" && (
          <InputNumber
            aria-label={t("computed.top")}
            min={1}
            max={10}
            value={figure.top ?? 1}
            onChange={(top) => change({ top: top ?? 1 })}
            suffix={t("computed.top")}
          />
        )}
      </Row>
      {takesField(figure.figure) && needsField(figure.figure) && (
        <Row label={t("segment.field")}>
          <FieldSelect
            value={field}
            fields={fields}
            onChange={(name) => change({ of: { kind: "field", field: name } })}
          />
          {tellsValue(figure.figure) && field.startsWith("properties.") && (
            <Select
              aria-label={t("computed.asType")}
              value={figure.as_type ?? "text"}
              onChange={(as_type) => change({ as_type })}
              options={(["text", "number", "bool"] as const).map((type) => ({
                value: type,
                label: t(`computed.type.${type}`),
              }))}
              popupMatchSelectWidth={false}
            />
          )}
        </Row>
      )}
    </>
  );
}

function FormulaEditor({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const { t } = useI18n();
  const { data } = useQuery(computedQuery);
  const known = data?.items.filter((one) => one.definition && one.kind !== "rank") ?? [];
  return (
    <>
      <Input.TextArea
        value={text}
        maxLength={2000}
        aria-label={t("computed.kind.formula")}
        placeholder="if(coalesce(orders_90d, 0) >= 3, '高频', '低频')"
        autoSize={{ minRows: 3, maxRows: 12 }}
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
        style={{ fontFamily: "var(--mono)", fontSize: 14 }}
      />
      {known.length > 0 && (
        <p className={styles.known}>
          {t("computed.known")}
          {known.map((one) => (
            <button
              key={one.id}
              type="button"
              title={one.name}
              onClick={() => onChange(`${text}${text && !/[\s(]$/.test(text) ? " " : ""}${one.key}`)}
            >
              {one.key}
            </button>
          ))}
        </p>
      )}
      <p className="muted">
        {t("computed.formulaHelp")} <code>{TYPED}</code>
        <br />
        {t("computed.functions")} <code>{FUNCTIONS}</code>
      </p>
    </>
  );
}

interface OthersProps {
  except: string | null;
  value: string;
  onChange: (key: string) => void;
}

/** Another published attribute that holds a number. */
function Others({ except, value, onChange }: OthersProps) {
  const { t } = useI18n();
  const { data } = useQuery(computedQuery);
  return (
    <Select
      aria-label={t("computed.rankOf")}
      value={value || undefined}
      placeholder={t("computed.rankOf")}
      onChange={onChange}
      options={data?.items
        .filter((one) => one.type === "number" && one.kind !== "rank" && one.key !== except)
        .map((one) => ({ value: one.key, label: one.name }))}
      popupMatchSelectWidth={false}
      className={styles.figure}
    />
  );
}
