import { expect, it } from "vitest";
import { loginAddress } from "./login";

it("takes the code from a pasted link, or a bare code, and nothing else", () => {
  expect(loginAddress(" http://127.0.0.1:8000/login?code=aB3_-xyz9 ")).toBe("/login?code=aB3_-xyz9");
  expect(loginAddress("aB3_-xyz9")).toBe("/login?code=aB3_-xyz9");
  expect(loginAddress("hello you")).toBeNull();
  expect(loginAddress("")).toBeNull();
});
