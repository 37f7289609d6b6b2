// The class of page/provider.js is the one that cookie-provider.d.ts declares: tsc fails here where the two differ, and names the method.
import type { CookieProvider as Written } from "./page/provider.js";

type Declared = CookieProvider;

/** Identical, not only assignable: that would let a method take less than is declared. */
type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** The declared methods that the class lacks or has otherwise. */
type Different = {
  [Name in keyof Declared]: Name extends keyof Written ? (IsSame<Written[Name], Declared[Name]> extends true ? never : Name) : Name;
}[keyof Declared];

/** What the class has besides. Only its name and what has a symbol, which the adapters use, is not declared. */
type Undeclared = Exclude<keyof Written, keyof Declared | "name" | symbol>;

type IsNothing<Found extends never> = Found;
type IsTrue<Found extends true> = Found;

export type Methods = IsNothing<Different>;
export type NoOthers = IsNothing<Undeclared>;
export type Constructor = IsTrue<IsSame<ConstructorParameters<typeof Written>, ConstructorParameters<typeof CookieProvider>>>;
