// React: who is signed in, as a hook.

import { useCallback, useSyncExternalStore } from "react";
import type { Client } from "./client.js";
import type { Session } from "./session.js";

/**
 * The session; the component renders anew when it changes.
 *
 * @param server who was signed in when the page was rendered on a server; left out: nobody
 */
export function useSession(bulla: Client, server: Session | null = null): Session | null {
  return useSyncExternalStore(
    useCallback((changed: () => void) => bulla.subscribe(changed), [bulla]),
    () => bulla.session,
    () => server,
  );
}
