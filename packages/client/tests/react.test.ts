import { createElement } from "react";
import { act, create, type ReactTestRenderer } from "react-test-renderer";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useSession } from "../src/react.js";
import type { Session } from "../src/index.js";
import { ADA, Bulla, client, disposeAll } from "./support/bulla.js";

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
});
afterEach(disposeAll);

test("a component follows the session, and lets go of it", async () => {
  const bulla = new Bulla();
  const one = client(bulla);
  const Name = () => useSession(one)?.user.name ?? "nobody";
  let page!: ReactTestRenderer;
  await act(async () => {
    page = create(createElement(Name));
  });
  expect(page.toJSON()).toBe("nobody");
  await act(async () => void (await one.signIn(ADA)));
  expect(page.toJSON()).toBe("Ada");
  await act(() => one.signOut());
  expect(page.toJSON()).toBe("nobody");
  await act(async () => page.unmount());
  await one.signIn(ADA);
});

test("another client is followed when it is given", async () => {
  const [one, two] = [client(new Bulla()), client(new Bulla())];
  await one.signIn(ADA);
  const Name = ({ of }: { of: typeof one }) => useSession(of)?.user.name ?? "nobody";
  let page!: ReactTestRenderer;
  await act(async () => {
    page = create(createElement(Name, { of: one }));
  });
  expect(page.toJSON()).toBe("Ada");
  await act(async () => page.update(createElement(Name, { of: two })));
  expect(page.toJSON()).toBe("nobody");
  await act(async () => void (await two.signIn(ADA)));
  expect(page.toJSON()).toBe("Ada");
});

test("on a server it says what it was given", () => {
  const one = client(new Bulla());
  const session = { user: { name: "Grace" } } as Session;
  const Name = ({ given }: { given?: Session }) => createElement("b", null, useSession(one, given)?.user.name ?? "nobody");
  expect(renderToString(createElement(Name, { given: session }))).toBe("<b>Grace</b>");
  expect(renderToString(createElement(Name))).toBe("<b>nobody</b>");
});
