// What preact.js exports, with the types of the packages that it was made from.

import type { VNode } from "preact";

export { Fragment, render } from "preact";
export { useEffect, useId, useRef } from "preact/hooks";
export { batch, computed, effect, type ReadonlySignal, type Signal, signal, useComputed, useSignal, useSignalEffect } from "@preact/signals";

export type Node = VNode<any> | VNode<any>[];
export declare function html(strings: TemplateStringsArray, ...values: unknown[]): Node;
