import { SearchOutlined } from "@ant-design/icons";
import { Input } from "antd";
import { useEffect, useState } from "react";
import { useDebounced } from "./useDebounced";

interface SearchBoxProps {
  value: string;
  onChange: (value: string) => void;
  label: string;
}

/** Searches while typing, but not on every key. */
export function SearchBox({ value, onChange, label }: SearchBoxProps) {
  const [text, setText] = useState(value);
  const settled = useDebounced(text);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what changed outside (a link, "clear") shows; an echo of typing may not.
  useEffect(() => {
    if (value !== settled) setText(value);
  }, [value]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed here may search; an outer change may not echo.
  useEffect(() => {
    if (settled !== value) onChange(settled);
  }, [settled]);

  return (
    <Input
      allowClear
      type="search"
      prefix={<SearchOutlined aria-hidden style={{ color: "var(--ink-3)" }} />}
      placeholder={label}
      aria-label={label}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onPressEnter={() => onChange(text)}
      style={{ flex: "1 1 240px" }}
    />
  );
}
