/** A browser's cookie jar, and what it says of the page's origin, by hand. */
export function jar(origin: string) {
  const cookies = new Map<string, string>();
  return {
    cookies,
    fetch: (async (input: RequestInfo | URL, init?: RequestInit) => {
      const request = new Request(input, init);
      const headers = new Headers(request.headers);
      headers.set("Cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
      headers.set("Origin", origin);
      const answer = await fetch(new Request(request, { headers }));
      for (const line of answer.headers.getSetCookie()) {
        const [pair, ...attributes] = line.split(/; */);
        const at = pair!.indexOf("=");
        if (attributes.some((text) => /^max-age=0$/i.test(text))) cookies.delete(pair!.slice(0, at));
        else cookies.set(pair!.slice(0, at), pair!.slice(at + 1));
      }
      return answer;
    }) as typeof fetch,
  };
}
