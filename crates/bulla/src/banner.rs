//! The first screen: what to open, what to do next.

use std::{env, path::Path};

use bulla_server::config::Config;
use serde_json::json;

use crate::{
    compose::{data, store},
    output::Output,
};

/// What somebody who has just started Bulla wants to know.
pub(crate) struct Banner {
    public: String,
    redirect: Option<String>,
    admin: String,
    database: String,
    demo: bool,
    upstream: Option<String>,
    public_url: String,
    program: String,
}

impl Banner {
    /// For a server of this configuration that listens at these URLs.
    pub(crate) fn new(
        config: &Config,
        public: &str,
        redirect: Option<String>,
        admin: &str,
    ) -> Self {
        Self {
            public: public.to_owned(),
            redirect,
            admin: admin.to_owned(),
            database: store::name(config),
            demo: config.demo,
            upstream: config.upstream.as_ref().map(ToString::to_string),
            public_url: config.public_url.to_string(),
            program: program(env::args().next()),
        }
    }

    /// Prints it: a screen for people, a line for programs.
    ///
    /// # Errors
    /// Standard output fails.
    pub(crate) fn show(&self, output: Output) -> std::io::Result<()> {
        tracing::info!(
            public = self.public,
            redirect = self.redirect,
            admin = self.admin,
            demo = self.demo,
            "listening"
        );
        let mut line = json!({
            "public": self.public,
            "admin": self.admin,
            "data": data::DATA_FOLDER,
            "demo": self.demo,
        });
        if let Some(redirect) = &self.redirect {
            line["redirect"] = redirect.as_str().into();
        }
        output.print(&line, |_| self.screen())
    }

    fn screen(&self) -> String {
        let program = &self.program;
        let behind = if self.public == self.public_url {
            String::new()
        } else {
            format!("  listens    {}\n", self.public)
        };
        let redirect = match &self.redirect {
            Some(plain) => format!("  redirects  {plain}\n"),
            None => String::new(),
        };
        let now = match (&self.upstream, self.demo) {
            (Some(upstream), _) => {
                format!("  guards     {upstream}: every path needs a signed-in user\n")
            }
            (None, true) => {
                "  demo       a small API to try it on; open the address above\n".to_owned()
            }
            (None, false) => String::new(),
        };
        let next = match &self.upstream {
            Some(_) => format!("  Routes, roles and plans of your own\n    {program} init\n"),
            None => format!(
                "  Login in front of your own API\n    {program} serve --upstream http://localhost:3000\n"
            ),
        };
        format!(
            "\n  Bulla {version}\n\n  open       {public}\n{behind}{redirect}{now}  admin      {admin}  (metrics, health, admin API)\n  \
             data       {folder}/  (database {database}, master.key)\n\n  \
             Make the first administrator (in another terminal, here)\n    \
             {program} user add you@example.com --role admin\n{next}\n  Ctrl-C stops.\n",
            version = env!("CARGO_PKG_VERSION"),
            public = self.public_url,
            admin = self.admin,
            folder = data::DATA_FOLDER,
            database = self.database,
        )
    }
}

/// How to call this program again: the path it was started by, unless it was found by its name.
fn program(started_as: Option<String>) -> String {
    started_as
        .filter(|path| path.contains('/') && Path::new(path).exists())
        .unwrap_or_else(|| "bulla".to_owned())
}
