import { expect, test } from "vitest";
import type { Answers, PublicForm } from "./types";
import { walk } from "./walk";
import file from "./walk-cases.json";

// The server walks the same cases (tests/unit/forms/test_rules.py).
for (const one of file.cases) {
  test(one.name, () => {
    expect(walk(file.form as unknown as PublicForm, one.answers as unknown as Answers)).toEqual(one.path);
  });
}
