//! The subcommands, a file each: its flags, its examples, and what it does.

mod acceptance;
mod backup;
mod ban;
mod check_config;
mod client;
mod completions;
mod doctor;
mod gateway;
mod init;
mod key_file;
mod keys;
mod migrate;
mod openapi;
mod password;
mod restore;
mod serve;
mod session;
mod token;
mod user;

use std::{path::PathBuf, process::ExitCode};

use bulla_server::config::{Config, ConfigSources};
use clap::{Parser, Subcommand};

use crate::{
    admin_api::{Absence, AdminApi},
    compose,
    output::Output,
};

/// Looked for in the working directory.
const CONFIGURATION_FILE: &str = "bulla.toml";

/// Stateless authentication for APIs in one binary.
#[derive(Debug, Parser)]
#[command(name = "bulla", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    global: Global,
}

/// What every command understands.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Global {
    /// Print JSON, one value a line, for programs
    #[arg(long, global = true)]
    json: bool,
    /// The configuration file [default: bulla.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE", env = "BULLA_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run issuer, gateway and, without configuration, the demo service (also without any subcommand)
    Serve(serve::Args),
    /// Run the gateway alone, in front of an API, with the keys of any issuer
    Gateway(gateway::Args),
    /// Write a commented bulla.toml
    Init(init::Args),
    /// Accounts
    #[command(subcommand)]
    User(user::Command),
    /// Sessions
    #[command(subcommand)]
    Session(session::Command),
    /// Services that ask for tokens in their own name
    #[command(subcommand)]
    Client(client::Command),
    /// Addresses whose requests are refused
    #[command(subcommand)]
    Ban(ban::Command),
    /// Look into tokens, verify and explain them, make some for tests
    #[command(subcommand)]
    Token(token::Command),
    /// Keys
    #[command(subcommand)]
    Keys(keys::Command),
    /// Check the configuration without starting anything
    CheckConfig(check_config::Args),
    /// Look at what is wrong, or could go wrong, and say what to do
    Doctor(doctor::Args),
    /// Bring the database up to this version
    Migrate(migrate::Args),
    /// Write the database into a file, also while a server runs
    Backup(backup::Args),
    /// Put a backup in the place of the database
    Restore(restore::Args),
    /// Print the OpenAPI 3.1 description of the HTTP API
    Openapi(openapi::Args),
    /// Print a completion script for a shell
    Completions(completions::Args),
}

const EXAMPLES: &str = "\
Examples:
  bulla                                            start with the demo service
  bulla serve --upstream http://localhost:3000     login in front of your API
  bulla user add you@example.com --role admin      make the first administrator
  bulla init                                       write a bulla.toml to edit

Exit codes: 0 done, 1 failed (one sentence on standard error says why), 2 wrong usage.";

impl Cli {
    /// For whom the command prints.
    pub(crate) fn output(&self) -> Output {
        self.global.output()
    }

    /// Does what the command line says.
    ///
    /// # Errors
    /// Whatever ended the command; its chain of causes reads as one sentence.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let global = &self.global;
        match self.command {
            None => serve::run(&serve::Args::default(), global),
            Some(Command::Serve(args)) => serve::run(&args, global),
            Some(Command::Gateway(args)) => gateway::run(&args, global),
            Some(Command::Init(args)) => init::run(&args, global),
            Some(Command::User(command)) => user::run(command, global),
            Some(Command::Session(command)) => session::run(command, global),
            Some(Command::Client(command)) => client::run(command, global),
            Some(Command::Ban(command)) => ban::run(command, global),
            Some(Command::Token(command)) => token::run(command, global),
            Some(Command::Keys(command)) => keys::run(command, global),
            Some(Command::CheckConfig(args)) => check_config::run(&args, global),
            Some(Command::Doctor(args)) => doctor::run(&args, global),
            Some(Command::Migrate(args)) => migrate::run(&args, global),
            Some(Command::Backup(args)) => backup::run(&args, global),
            Some(Command::Restore(args)) => restore::run(&args, global),
            Some(Command::Openapi(args)) => openapi::run(&args),
            Some(Command::Completions(args)) => completions::run(&args),
        }
    }
}

impl Global {
    /// For whom the command prints.
    fn output(&self) -> Output {
        if self.json {
            Output::Json
        } else {
            Output::Text
        }
    }

    /// The configuration file that was named, or the one that would be looked for.
    fn configuration_file(&self) -> PathBuf {
        self.config
            .clone()
            .unwrap_or_else(|| PathBuf::from(CONFIGURATION_FILE))
    }

    /// The configuration: the file that was named (or `bulla.toml`, if there is one), then the
    /// environment, then these flags.
    fn load_config(&self, flags: Vec<(String, String)>) -> anyhow::Result<Config> {
        Ok(Config::load_and_check(
            self.config_sources(flags),
            compose::problems,
        )?)
    }

    /// Where [`load_config`](Self::load_config) reads.
    fn config_sources(&self, flags: Vec<(String, String)>) -> ConfigSources {
        let found = || {
            let path = PathBuf::from(CONFIGURATION_FILE);
            path.exists().then_some(path)
        };
        ConfigSources {
            file: self.config.clone().or_else(found),
            environment: compose::environment(),
            flags,
        }
    }

    /// Does something through the admin API, over the socket or in this process.
    fn administrate<T>(
        &self,
        absence: Absence,
        act: impl AsyncFnOnce(&AdminApi) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let config = self.load_config(Vec::new())?;
        compose::run(async {
            let api = AdminApi::open(&config, absence).await?;
            let outcome = act(&api).await;
            api.close().await?;
            outcome
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_examples() {
        fn check(command: &clap::Command) {
            let children: Vec<_> = command.get_subcommands().collect();
            if children.is_empty() {
                let help = command.get_after_help().map(ToString::to_string);
                assert!(
                    help.is_some_and(|help| help.contains("Example")),
                    "`{}` has no examples in --help",
                    command.get_name()
                );
            }
            children.into_iter().for_each(check);
        }
        check(&Cli::command());
    }
}
