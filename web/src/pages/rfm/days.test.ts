import { expect, test } from "vitest";
import { localDay } from "./days";

test("a day is the one of the brand, not of UTC", () => {
  const evening = new Date("2026-03-04T17:30:00Z");
  expect(localDay(evening, "Asia/Shanghai", 0)).toBe("2026-03-05");
  expect(localDay(evening, "UTC", 0)).toBe("2026-03-04");
  expect(localDay(evening, "Asia/Shanghai", 5)).toBe("2026-02-28");
});
