// axios: an instance whose requests carry the session.

import type { AxiosError, AxiosHeaders, AxiosInstance, InternalAxiosRequestConfig } from "axios";
import { refusesToken } from "./challenge.js";
import type { Client } from "./client.js";
import type { Session } from "./session.js";

/** A request's configuration. axios copies it, and what is marked with it, when the request is sent again. */
type Config = InternalAxiosRequestConfig & {
  /** Who was signed in when it was sent. */
  bullaSession?: Session | null;
  bullaSentAgain?: boolean;
};

/**
 * Makes an instance send the session where it belongs, and send a request once more whose token was refused as invalid.
 *
 * @returns what ends that
 */
export function attach(instance: AxiosInstance, bulla: Client): () => void {
  const request = instance.interceptors.request.use(async (config: Config) => {
    const url = target(instance, config);
    if (!bulla.isOwn(url)) return config;
    config.bullaSession = bulla.session;
    config.headers.set(await bulla.headersFor(url, config.method));
    // In cookie mode the browser adds the session, also to another origin.
    if (bulla.mode === "cookie") config.withCredentials = true;
    return config;
  });
  const response = instance.interceptors.response.use(undefined, async (error: AxiosError) => {
    const config = error.config as Config | undefined;
    const answer = error.response as { status: number; headers: AxiosHeaders } | undefined;
    // Set for our own requests alone.
    const stale = config?.bullaSession;
    if (!config || !answer || stale === undefined || config.bullaSentAgain || !refusesToken(answer)) throw error;
    if (isStream(config.data) || !(await bulla.renewed(stale))) throw error;
    return instance.request({ ...config, bullaSentAgain: true } as Config);
  });
  return () => {
    instance.interceptors.request.eject(request);
    instance.interceptors.response.eject(response);
  };
}

/** Whether a body is gone when it has been sent: a stream of Node.js, or of the web. */
const isStream = (data: unknown): boolean => typeof (data as { pipe?: unknown; getReader?: unknown } | null)?.pipe === "function" || data instanceof ReadableStream;

function target(instance: AxiosInstance, config: InternalAxiosRequestConfig): string {
  return instance.getUri({ ...config, params: undefined });
}
