import { expect, test } from "vitest";
import { bucketName } from "./DistributionTab";

const plain = (value: string) => value;

test("counts are named by what lies in them, amounts by their borders", () => {
  expect(bucketName("3", "4", true, plain)).toBe("3");
  expect(bucketName("6", "11", true, plain)).toBe("6 – 10");
  expect(bucketName("51", null, true, plain)).toBe("≥ 51");
  expect(bucketName("0", "20", false, plain)).toBe("0 – 20");
  expect(bucketName(null, "0", false, plain)).toBe("< 0");
});
