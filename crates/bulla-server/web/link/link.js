// The pages that links in letters lead to. Opening one does nothing: a scanner that follows every link in a mail must not
// use it up. The token is behind the "#", and so reaches a server only when the button is pressed.

const pages = {
  verify: {
    title: "Confirm your address",
    lead:
      "Somebody registered here with your address. If it was you, choose your password: the one that you typed then, or " +
      "another. No other will be good.",
    button: "Confirm",
    path: "/auth/verify",
    password: "password",
    opens: true,
    done: "Your address is confirmed. You can sign in now.",
  },
  reset: {
    title: "Choose a new password",
    lead: "Everybody who is signed in with the old one will be signed out.",
    button: "Change the password",
    path: "/auth/password/reset",
    password: "new_password",
    done: "Your password is changed. Sign in with the new one.",
  },
  email: {
    title: "Confirm your new address",
    lead: "Press the button to use this address from now on.",
    button: "Confirm",
    path: "/auth/email/confirm",
    done: "Your account has this address now.",
  },
  login: {
    title: "Sign in",
    lead: "Press the button to sign in.",
    button: "Sign in",
    path: "/auth/login/mail/confirm",
    opens: true,
    done: "You are signed in.",
  },
};

const element = (id) => document.getElementById(id);
const page = pages[location.pathname.split("/").pop()];
const token = location.hash.slice(1);

// Neither the history nor a screenshot keeps it.
history.replaceState(null, "", location.pathname);
// Who asks for a password says who they are.
element("site").textContent = location.host;

if (page && token) {
  document.title = page.title;
  element("title").textContent = page.title;
  element("lead").textContent = page.lead;
  element("button").textContent = page.button;
  element("password").hidden = !page.password;
  element("new-password").required = Boolean(page.password);
  element("form").hidden = false;
  element("form").addEventListener("submit", use);
  if (page.password) {
    element("new-password").focus();
  }
} else {
  element("lead").textContent = "This link is not complete. Open it from your mail once more.";
}

async function use(event) {
  event.preventDefault();
  element("button").disabled = true;
  const body = page.password ? { token, [page.password]: element("new-password").value } : { token };
  try {
    const answer = await spend(body);
    if (!answer.ok) {
      refused(await answer.json());
      return;
    }
    const who = await leave(answer);
    element("form").hidden = true;
    element("lead").textContent = who ? `${page.done} This is the account of ${who}.` : page.done;
    element("outcome").textContent = "";
  } catch {
    element("outcome").textContent = "That did not work. Try again.";
    element("button").disabled = false;
  }
}

// A session that this page opens is in cookies. Where there are none, what is asked for is refused and the link still good.
async function spend(body) {
  if (page.opens) {
    const answer = await post(page.path, body, { "X-Bulla-Mode": "cookie" });
    const { code, field } = answer.ok ? {} : await answer.clone().json();
    if (code !== "csrf_refused" && field !== "mode") {
      return answer;
    }
  }
  return post(page.path, body, {});
}

function refused(problem) {
  const spent = problem.code === "link_invalid";
  element("form").hidden = spent;
  element("button").disabled = false;
  element("outcome").textContent = spent
    ? "This link was used before, or its time is over. Ask for another one."
    : problem.detail;
}

// Tokens in a body belong to an app, and this page is none: their session would stay open with nobody in it. Returns whose
// session it is: a link that somebody passed on signs in to an account of theirs.
async function leave(answer) {
  const session = answer.status === 204 ? {} : await answer.json();
  if (session.access_token) {
    await post("/auth/logout", {}, { Authorization: `Bearer ${session.access_token}` });
  }
  return session.user && (session.user.email ?? session.user.username);
}

function post(path, body, headers) {
  return fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Bulla-CSRF": "1", ...headers },
    body: JSON.stringify(body),
  });
}
