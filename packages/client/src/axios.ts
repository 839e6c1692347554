// axios: an instance whose requests carry the session.

import type { AxiosError, AxiosHeaders, AxiosInstance, InternalAxiosRequestConfig } from "axios";
import { type Client, refusesToken } from "./client.js";

/** A request's configuration. axios copies it, and what is marked with it, when the request is sent again. */
type Config = InternalAxiosRequestConfig & { bullaSentAgain?: boolean };

/**
 * Makes an instance send the session where it belongs, and send a request once more whose token was refused as invalid.
 *
 * @returns what ends that
 */
export function attach(instance: AxiosInstance, bulla: Client): () => void {
  const request = instance.interceptors.request.use(async (config) => {
    const headers = await bulla.headersFor(target(instance, config), config.method);
    config.headers.set(headers);
    // In cookie mode the browser adds the session, also to another origin.
    if (bulla.mode === "cookie" && bulla.isOwn(target(instance, config))) config.withCredentials = true;
    return config;
  });
  const response = instance.interceptors.response.use(undefined, async (error: AxiosError) => {
    const config = error.config as Config | undefined;
    const answer = error.response as { status: number; headers: AxiosHeaders } | undefined;
    if (!config || config.bullaSentAgain || !answer || !refusesToken(answer)) throw error;
    if (!bulla.isOwn(target(instance, config))) throw error;
    const sent = config.headers.get("Authorization");
    const now = await bulla.headersFor(target(instance, config), config.method).catch(() => ({}));
    // Another request may have replaced the token meanwhile.
    const replaced = sent && "Authorization" in now && now.Authorization !== sent;
    if (!replaced && !(await bulla.refresh().catch(() => null))) throw error;
    return instance.request({ ...config, bullaSentAgain: true } as Config);
  });
  return () => {
    instance.interceptors.request.eject(request);
    instance.interceptors.response.eject(response);
  };
}

function target(instance: AxiosInstance, config: InternalAxiosRequestConfig): string {
  return instance.getUri({ ...config, params: undefined });
}
