//! How letters are worded: a text and an HTML file for each, built in, or replaced by files of the same name.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use bulla_core::{
    link::Link,
    mail::{Letter, LetterContent},
};
use rust_embed::RustEmbed;

use super::{Message, Subject};
use crate::config::{Config, values::LinkBase};

#[derive(RustEmbed)]
#[folder = "mail/"]
struct BuiltIn;

/// The letters there are, and what each must hold.
const LETTERS: [(&str, Option<&str>); 8] = [
    ("confirm-registration", Some("link")),
    ("already-registered", Some("link")),
    ("reset-password", Some("link")),
    ("confirm-email", Some("link")),
    ("email-change-asked", None),
    ("email-in-use", None),
    ("sign-in-link", Some("link")),
    ("sign-in-code", Some("code")),
];

/// A larger file is no letter.
const MOST_BYTES: usize = 256 * 1024;

/// How letters are worded.
#[derive(Debug, Clone)]
pub struct Templates {
    letters: BTreeMap<&'static str, Template>,
    site: String,
    links: LinkBase,
}

#[derive(Debug, Clone)]
struct Template {
    subject: String,
    text: String,
    html: String,
}

/// What is wrong with a file of the folder.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The folder or a file cannot be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No letter is called so.
    #[error("{}: no letter is called so; there are {}", path.display(), names())]
    Unknown {
        /// Which.
        path: PathBuf,
    },
    /// It is no template.
    #[error("{name}: {reason}")]
    Invalid {
        /// The file's name.
        name: String,
        /// What is wrong.
        reason: String,
    },
}

impl Templates {
    /// Those of a configuration.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn of(config: &Config) -> Result<Self, TemplateError> {
        let (mail, url) = (&config.mail, &config.public_url);
        let links = mail.links.clone();
        let links = links.unwrap_or_else(|| LinkBase::at(url));
        Self::load(mail.templates.as_deref(), url.authority(), links)
    }

    /// The letters of a site, with the files of the folder in the place of those that are built in. Every one of them is
    /// checked: none turns out to be wrong when it is to be sent.
    ///
    /// # Errors
    /// [`TemplateError`]: the first thing that is wrong.
    pub fn load(folder: Option<&Path>, site: &str, links: LinkBase) -> Result<Self, TemplateError> {
        let own = folder.map(read_folder).transpose()?.unwrap_or_default();
        let mut letters = BTreeMap::new();
        for (name, needed) in LETTERS {
            let file = |extension: &str| {
                let name = format!("{name}.{extension}");
                let text = own.get(&name).cloned().or_else(|| built_in(&name));
                (text.unwrap_or_default(), name)
            };
            let template = Template::read(file("txt"), file("html"), needed, site)?;
            letters.insert(name, template);
        }
        Ok(Self {
            letters,
            site: site.to_owned(),
            links,
        })
    }

    /// The letter in words.
    #[must_use]
    pub fn word(&self, letter: &Letter) -> Message {
        let (name, lifetime) = described(&letter.content);
        let link = self.link(&letter.content);
        let code = match &letter.content {
            LetterContent::SignInCode(code) => code.expose(),
            _ => "",
        };
        let lifetime = words(lifetime);
        let values = [
            ("site", self.site.as_str()),
            ("link", &link),
            ("code", code),
            ("lifetime", &lifetime),
        ];
        // Every letter that `described` names is there.
        let template = &self.letters[name];
        Message {
            to: letter.to.clone(),
            subject: template.subject(&self.site),
            text: fill(&template.text, &values, str::to_owned),
            html: fill(&template.html, &values, escape),
        }
    }

    fn link(&self, content: &LetterContent) -> String {
        let (page, token) = match content {
            LetterContent::ConfirmRegistration(token) => ("verify", token),
            LetterContent::AlreadyRegistered(token) | LetterContent::ResetPassword(token) => {
                ("reset", token)
            }
            LetterContent::ConfirmEmail(token) => ("email", token),
            LetterContent::SignInLink(token) => ("login", token),
            LetterContent::EmailChangeAsked
            | LetterContent::EmailInUse
            | LetterContent::SignInCode(_) => return String::new(),
        };
        // Behind the `#`, it reaches no server, no log and no `Referer`.
        format!("{}/{page}#{}", self.links, token.expose())
    }
}

const fn described(content: &LetterContent) -> (&'static str, Duration) {
    match content {
        LetterContent::ConfirmRegistration(_) => ("confirm-registration", Link::REGISTER),
        LetterContent::AlreadyRegistered(_) => ("already-registered", Link::RESET_PASSWORD),
        LetterContent::ResetPassword(_) => ("reset-password", Link::RESET_PASSWORD),
        LetterContent::ConfirmEmail(_) => ("confirm-email", Link::CHANGE_EMAIL),
        LetterContent::EmailChangeAsked => ("email-change-asked", Link::CHANGE_EMAIL),
        LetterContent::EmailInUse => ("email-in-use", Link::CHANGE_EMAIL),
        LetterContent::SignInLink(_) => ("sign-in-link", Link::SIGN_IN),
        LetterContent::SignInCode(_) => ("sign-in-code", Link::SIGN_IN),
    }
}

impl Template {
    fn read(
        (text, text_name): (String, String),
        (html, html_name): (String, String),
        needed: Option<&str>,
        site: &str,
    ) -> Result<Self, TemplateError> {
        let invalid = |name: &str, reason: String| TemplateError::Invalid {
            name: name.to_owned(),
            reason,
        };
        let text = text.replace("\r\n", "\n");
        let (first, text) = text.split_once('\n').unwrap_or((&text, ""));
        let subject = first.strip_prefix("Subject:").map(str::trim);
        let subject = subject.ok_or_else(|| {
            let reason = "the first line is `Subject: ` and what it is about";
            invalid(&text_name, reason.to_owned())
        })?;
        let template = Self {
            subject: subject.to_owned(),
            text: text.trim_start_matches('\n').to_owned(),
            html,
        };
        let known = |name: &str| match name {
            "site" | "lifetime" => true,
            name => Some(name) == needed,
        };
        for (file, name) in [(&template.text, &text_name), (&template.html, &html_name)] {
            let used = placeholders(file).map_err(|reason| invalid(name, reason))?;
            if let Some(unknown) = used.iter().find(|used| !known(used)) {
                let reason = format!("`{{{{{unknown}}}}}` means nothing in this letter");
                return Err(invalid(name, reason));
            }
            if let Some(needed) = needed
                && !used.iter().any(|used| used == needed)
            {
                return Err(invalid(name, format!("`{{{{{needed}}}}}` is missing")));
            }
        }
        let used = placeholders(subject).map_err(|reason| invalid(&text_name, reason))?;
        // A link or code in a subject is shown on locked screens.
        if used.iter().any(|used| used != "site") {
            let reason = "a subject may hold `{{site}}` and nothing else";
            return Err(invalid(&text_name, reason.to_owned()));
        }
        let worded = fill(subject, &[("site", site)], str::to_owned);
        Subject::parse(&worded).map_err(|error| invalid(&text_name, error.to_string()))?;
        Ok(template)
    }

    fn subject(&self, site: &str) -> Subject {
        let worded = fill(&self.subject, &[("site", site)], str::to_owned);
        Subject::parse(&worded).expect("the subject was checked with this site")
    }
}

fn read_folder(folder: &Path) -> Result<BTreeMap<String, String>, TemplateError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| TemplateError::Unreadable { path, source }
    };
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_letter = |(letter, _): &(&str, _)| {
            name == format!("{letter}.txt") || name == format!("{letter}.html")
        };
        if name.starts_with('.') {
            continue;
        }
        if !LETTERS.iter().any(is_letter) {
            return Err(TemplateError::Unknown { path });
        }
        let text = fs::read_to_string(&path).map_err(unreadable(&path))?;
        if text.len() > MOST_BYTES {
            return Err(TemplateError::Invalid {
                name: name.into_owned(),
                reason: format!("a letter has at most {} KiB", MOST_BYTES / 1024),
            });
        }
        files.insert(name.into_owned(), text);
    }
    Ok(files)
}

fn built_in(name: &str) -> Option<String> {
    let file = BuiltIn::get(name)?;
    Some(String::from_utf8_lossy(&file.data).into_owned())
}

/// The names between `{{` and `}}`, or what is wrong with them.
fn placeholders(text: &str) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let (name, after) = after
            .split_once("}}")
            .ok_or("a `{{` is not closed by `}}`")?;
        names.push(name.trim().to_owned());
        rest = after;
    }
    Ok(names)
}

/// The text with every placeholder replaced. What is put in is not looked at again.
fn fill(text: &str, values: &[(&str, &str)], shown: impl Fn(&str) -> String) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        let value = values.iter().find(|(known, _)| *known == name.trim());
        filled.push_str(before);
        filled.push_str(&shown(value.map_or("", |(_, value)| value)));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// As text or an attribute of HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn words(span: Duration) -> String {
    match span.as_secs() {
        3600 => "an hour".to_owned(),
        seconds if seconds % 3600 == 0 => format!("{} hours", seconds / 3600),
        seconds => format!("{} minutes", seconds / 60),
    }
}

fn names() -> String {
    LETTERS.map(|(name, _)| name).join(", ")
}
