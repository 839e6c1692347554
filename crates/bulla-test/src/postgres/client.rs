//! What is asked of a server beside the program under test, by PostgreSQL's own programs.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    time::Duration,
};

use super::PostgresServer;

/// A transaction that is open; it is rolled back when this is dropped.
pub struct Held {
    client: Child,
    input: Option<ChildStdin>,
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.client.wait();
    }
}

impl PostgresServer {
    /// What a statement gives: a line for each row, with `|` between its columns.
    ///
    /// # Panics
    /// It fails.
    pub fn query(&self, database: &str, sql: &str) -> String {
        self.try_query(database, sql)
            .expect("the statement succeeds")
    }

    /// As [`query`](Self::query); what PostgreSQL says if it fails.
    ///
    /// # Errors
    /// What was said.
    ///
    /// # Panics
    /// `psql` does not start.
    pub fn try_query(&self, database: &str, sql: &str) -> Result<String, String> {
        let mut client = self.psql(database);
        let asked = client.args(["--command", sql]).output();
        let asked = asked.expect("psql starts");
        let text = |bytes| String::from_utf8_lossy(bytes).trim().to_owned();
        match asked.status.success() {
            true => Ok(text(&asked.stdout)),
            false => Err(text(&asked.stderr)),
        }
    }

    /// A transaction that has done this and goes on until it is dropped.
    ///
    /// # Panics
    /// It fails.
    #[must_use]
    pub fn hold(&self, database: &str, sql: &str) -> Held {
        let mut client = self.psql(database);
        let client = client.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut client = client.spawn().expect("psql starts");
        let mut input = client.stdin.take().expect("it is a pipe");
        writeln!(input, "BEGIN; {sql};\n\\echo done").expect("psql reads");
        let mut said = String::new();
        let output = client.stdout.take().expect("it is a pipe");
        let read = BufReader::new(output).read_line(&mut said);
        read.expect("psql says something");
        assert_eq!(said.trim(), "done", "{sql}");
        Held {
            client,
            input: Some(input),
        }
    }

    /// How often per second `pgbench` does a statement, so many of it at once; in it, `:client_id` is which one of them does it.
    ///
    /// # Panics
    /// It fails.
    #[must_use]
    pub fn rate(&self, database: &str, sql: &str, clients: usize, span: Duration) -> f64 {
        let mut pgbench = self
            .programs
            .command("pgbench")
            .args([
                "--no-vacuum",
                "--protocol=prepared",
                "--username=bulla",
                "--host",
            ])
            .arg(&self.folder)
            .arg(format!("--port={}", self.port))
            .args(["--file=/dev/stdin", "--jobs=2"])
            .arg(format!("--client={clients}"))
            .arg(format!("--time={}", span.as_secs()))
            .arg(database)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("pgbench starts");
        let mut input = pgbench.stdin.take().expect("it is a pipe");
        writeln!(input, "{sql};").expect("pgbench reads");
        drop(input);
        let output = pgbench.wait_with_output().expect("pgbench ends");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = said.lines().find_map(|line| line.strip_prefix("tps = "));
        let rate = line.and_then(|line| line.split(' ').next()?.parse().ok());
        rate.expect(&said)
    }

    fn psql(&self, database: &str) -> Command {
        let mut client = self.programs.command("psql");
        client
            .args(["--no-psqlrc", "--tuples-only", "--no-align", "--quiet"])
            .args(["--set=ON_ERROR_STOP=1", "--username=bulla", "--host"])
            .arg(&self.folder)
            .arg(format!("--port={}", self.port))
            .args(["--dbname", database]);
        client
    }
}
