import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Dropdown, Segmented, Select } from "antd";
import { catalogueQuery } from "../../../api/queries";
import { useI18n } from "../../../i18n";
import { Row } from "../../segments/FactsEditor";
import { GroupEditor } from "../../segments/GroupEditor";
import { NumberTestInput } from "../../segments/inputs";
import { LeafEditor } from "../../segments/LeafEditor";
import segmentStyles from "../../segments/segments.module.css";
import { asGroup, emptyGroup, emptyLeaf } from "../../segments/tree";
import { CompanyTestInput } from "./CompanyTestInput";
import {
  ACCOUNT_LEAVES,
  type AccountCondition,
  type AccountGroup,
  type AccountLeaf,
  type CompanyCondition,
  type ContactFactsCondition,
  type ContactsCondition,
  emptyAccountLeaf,
  type Measure,
} from "./tree";

interface GroupProps {
  group: AccountGroup;
  onChange: (group: AccountGroup) => void;
}

/** Conditions of which all, or any, must hold. Deeper groups stay possible by API. */
export function AccountGroupEditor({ group, onChange }: GroupProps) {
  const { t } = useI18n();
  const replace = (index: number, part: AccountCondition) =>
    onChange({ ...group, of: group.of.with(index, part) });
  return (
    <div className={segmentStyles.group}>
      <div className={segmentStyles.groupHead}>
        <Segmented<AccountGroup["kind"]>
          size="small"
          value={group.kind}
          onChange={(kind) => onChange({ ...group, kind })}
          options={[
            { value: "all", label: t("segment.all") },
            { value: "any", label: t("segment.any") },
          ]}
        />
      </div>
      <ul className={segmentStyles.parts}>
        {group.of.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their place.
          <li key={index}>
            <Part
              part={part}
              onChange={(next) => replace(index, next)}
              onRemove={() => onChange({ ...group, of: group.of.toSpliced(index, 1) })}
            />
          </li>
        ))}
      </ul>
      <div className={segmentStyles.add}>
        <Dropdown
          trigger={["click"]}
          menu={{
            items: ACCOUNT_LEAVES.map((kind) => ({ key: kind, label: t(`accounts.leaf.${kind}`) })),
            onClick: ({ key }) =>
              onChange({ ...group, of: [...group.of, emptyAccountLeaf(key as AccountLeaf["kind"])] }),
          }}
        >
          <Button size="small" icon={<PlusOutlined />}>
            {t("accounts.add")}
          </Button>
        </Dropdown>
      </div>
    </div>
  );
}

interface PartProps {
  part: AccountCondition;
  onChange: (part: AccountCondition) => void;
  onRemove: () => void;
}

function Part({ part, onChange, onRemove }: PartProps) {
  const { t } = useI18n();
  const isNegated = part.kind === "not";
  const inner = part.kind === "not" ? part.of : part;
  return (
    <div className={segmentStyles.part}>
      <div className={segmentStyles.partBody}>
        <Inner part={inner} onChange={(next) => onChange(isNegated ? { kind: "not", of: next } : next)} />
      </div>
      <div className={segmentStyles.partTools}>
        <Button
          size="small"
          type="text"
          aria-pressed={isNegated}
          danger={isNegated}
          onClick={() => onChange(isNegated ? inner : { kind: "not", of: part })}
        >
          {t("accounts.exclude")}
        </Button>
        <Button
          size="small"
          type="text"
          icon={<DeleteOutlined />}
          aria-label={t("accounts.remove")}
          onClick={onRemove}
        />
      </div>
    </div>
  );
}

function Inner({ part, onChange }: { part: AccountCondition; onChange: (part: AccountCondition) => void }) {
  switch (part.kind) {
    case "all":
    case "any":
      return <AccountGroupEditor group={part} onChange={onChange} />;
    case "not":
      return <Inner part={part.of} onChange={(next) => onChange({ kind: "not", of: next })} />;
    case "company":
      return <CompanyEditor leaf={part} onChange={onChange} />;
    case "contacts":
      return <ContactsEditor leaf={part} onChange={onChange} />;
    case "contact_facts":
      return <ContactFactsEditor leaf={part} onChange={onChange} />;
  }
}

interface LeafProps<T extends AccountLeaf> {
  leaf: T;
  onChange: (leaf: T) => void;
}

function CompanyEditor({ leaf, onChange }: LeafProps<CompanyCondition>) {
  const { t } = useI18n();
  return (
    <Row label={t("accounts.leaf.company")}>
      <CompanyTestInput test={leaf} onChange={onChange} />
    </Row>
  );
}

function OfPeople<T extends ContactsCondition | ContactFactsCondition>({ leaf, onChange }: LeafProps<T>) {
  const { t } = useI18n();
  return (
    <Row label={t("accounts.roles")}>
      <Select
        mode="tags"
        maxCount={10}
        open={false}
        suffixIcon={null}
        aria-label={t("accounts.roles")}
        placeholder={t("accounts.roles.any")}
        value={leaf.roles ?? []}
        onChange={(roles: string[]) => onChange({ ...leaf, roles })}
        style={{ minWidth: 170 }}
      />
      <Checkbox
        checked={leaf.with_below ?? false}
        onChange={(event) => onChange({ ...leaf, with_below: event.target.checked })}
      >
        {t("accounts.below")}
      </Checkbox>
    </Row>
  );
}

function ContactsEditor({ leaf, onChange }: LeafProps<ContactsCondition>) {
  const { t } = useI18n();
  const { data: catalogue } = useQuery(catalogueQuery);
  return (
    <>
      <Row label={t("accounts.count.label")}>
        <NumberTestInput
          value={leaf.count}
          min={0}
          whole
          onChange={(count) => onChange({ ...leaf, count })}
        />
      </Row>
      <OfPeople leaf={leaf} onChange={onChange} />
      <Checkbox
        checked={leaf.who !== undefined}
        onChange={(event) => onChange({ ...leaf, who: event.target.checked ? emptyGroup() : undefined })}
      >
        {t("accounts.who")}
      </Checkbox>
      {leaf.who && (
        <GroupEditor
          group={asGroup(leaf.who)}
          catalogue={catalogue}
          onChange={(who) => onChange({ ...leaf, who })}
        />
      )}
    </>
  );
}

function ContactFactsEditor({ leaf, onChange }: LeafProps<ContactFactsCondition>) {
  const { t } = useI18n();
  const { data: catalogue } = useQuery(catalogueQuery);
  return (
    <>
      <Row label={t("accounts.measure")}>
        <Segmented<Measure["kind"]>
          size="small"
          value={leaf.measure.kind}
          onChange={(kind) => onChange({ ...leaf, measure: emptyLeaf(kind) as Measure })}
          options={(["event", "aggregate"] as const).map((kind) => ({
            value: kind,
            label: t(`accounts.measure.${kind}`),
          }))}
        />
      </Row>
      <LeafEditor
        leaf={leaf.measure}
        catalogue={catalogue}
        onChange={(measure) => onChange({ ...leaf, measure: measure as Measure })}
      />
      <OfPeople leaf={leaf} onChange={onChange} />
    </>
  );
}
