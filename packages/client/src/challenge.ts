/** Whether a request was refused because of its token (RFC 6750 section 3.1). */
export const refusesToken = ({ status, headers }: { status: number; headers: { get: (name: string) => unknown } }): boolean =>
  status === 401 && /\berror="?invalid_token\b/.test(`${headers.get("WWW-Authenticate")}`);
