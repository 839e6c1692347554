declare module "*/browser/chromium.mjs" {
  /** A tab. */
  export interface Page {
    readonly session: string;
    ask(method: string, params?: object): Promise<unknown>;
    go(url: string): Promise<void>;
    /** What the function returns that the page runs with these arguments, which it gets as JSON. */
    run<A extends unknown[], T>(script: (...values: A) => T | Promise<T>, ...values: A): Promise<T>;
  }
  export class Chromium {
    constructor(host: string);
    /** The next event of this name in this session. */
    next(method: string, session: string): Promise<{ requestId: string }>;
    open(url: string): Promise<Page>;
    end(): Promise<void>;
  }
}
