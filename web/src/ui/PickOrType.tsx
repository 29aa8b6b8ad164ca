import { Select } from "antd";
import { type CSSProperties, useState } from "react";

interface Option {
  value: string;
  label: string;
}

interface PickOrTypeProps {
  label: string;
  value: string;
  options: readonly Option[] | undefined;
  onChange: (value: string) => void;
  /** Called with what is typed, where the options follow it. */
  onSearch?: (text: string) => void;
  className?: string;
  style?: CSSProperties;
}

const MENU_WIDTH = 280;

/** A searchable list that also takes what is not on it: names the platform has yet to see. */
export function PickOrType({
  label,
  value,
  options = [],
  onChange,
  onSearch,
  className,
  style,
}: PickOrTypeProps) {
  const [typed, setTyped] = useState("");
  const known = new Set(options.map((option) => option.value));
  const extra = [typed.trim(), value].filter(
    (text, index, all) => text && !known.has(text) && all.indexOf(text) === index,
  );
  return (
    <Select
      aria-label={label}
      placeholder={label}
      value={value || undefined}
      onChange={(next: string) => {
        onChange(next);
        setTyped("");
      }}
      options={[...extra.map((text) => ({ value: text, label: text })), ...options]}
      showSearch={{
        onSearch: (text) => {
          setTyped(text);
          onSearch?.(text);
        },
        filterOption: (input, option) =>
          `${option?.label} ${option?.value}`.toLowerCase().includes(input.trim().toLowerCase()),
      }}
      popupMatchSelectWidth={MENU_WIDTH}
      className={className}
      style={style}
    />
  );
}
