//! Reading a section key by key: what was not asked for is unknown, what cannot be read is a problem,
//! and neither stops the rest.

use super::{
    problem::{Origin, Problem, Problems},
    suggestion,
    tree::{Node, Table, Value},
    values::InvalidValue,
    written::{Hidden, Written},
};

/// What is wrong with a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) message: String,
    pub(super) suggestion: Option<String>,
    /// If it is a part of the value that stands on a line of its own.
    pub(super) origin: Option<Origin>,
}

/// A table that is being read.
pub(super) struct Section<'a> {
    name: String,
    origin: Origin,
    entries: Table,
    asked: Vec<&'static str>,
    problems: &'a Problems,
}

impl<'a> Section<'a> {
    pub(super) const fn top(entries: Table, problems: &'a Problems) -> Self {
        Self {
            name: String::new(),
            origin: Origin::Default,
            entries,
            asked: Vec::new(),
            problems,
        }
    }

    /// The value of a key; `None` if it is not there or wrong.
    pub(super) fn read<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&Node) -> Result<T, Vec<Mistake>>,
    ) -> Option<T> {
        self.asked.push(key);
        let node = self.entries.remove(key)?;
        match parse(&node) {
            Ok(value) => Some(value),
            Err(mistakes) => {
                for mistake in mistakes {
                    self.problems.add(Problem {
                        origin: mistake.origin.unwrap_or_else(|| node.origin.clone()),
                        key: self.dotted(key),
                        message: mistake.message,
                        suggestion: mistake.suggestion,
                    });
                }
                None
            }
        }
    }

    /// A text that another part reads; `None` if it is not there or no text.
    pub(super) fn written(&mut self, key: &'static str) -> Option<Written> {
        self.placed(key, text)
    }

    /// Like [`read`](Self::read), with the place where it stands.
    pub(super) fn placed<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&Node) -> Result<T, Vec<Mistake>>,
    ) -> Option<Written<T>> {
        let dotted = self.dotted(key);
        self.read(key, |node| {
            Ok(Written {
                value: parse(node)?,
                key: dotted,
                origin: node.origin.clone(),
            })
        })
    }

    /// A list of texts that another part reads.
    pub(super) fn written_list(&mut self, key: &'static str) -> Option<Written<Vec<Written>>> {
        let dotted = self.dotted(key);
        self.placed(key, list(|element| written(&dotted, element)))
    }

    /// A table of texts that another part reads, and that may be secrets.
    pub(super) fn hidden_table(
        &mut self,
        key: &'static str,
    ) -> Option<Vec<(String, Written<Hidden>)>> {
        let dotted = self.dotted(key);
        self.read(key, |node| {
            let Value::Table(table) = &node.value else {
                return Err(expected_instead(
                    node,
                    "a table such as `{ X-Name = \"value\" }`",
                ));
            };
            let text = |(name, node): (&String, &Node)| {
                let text = written(&format!("{dotted}.{name}"), node)?;
                Ok((name.clone(), text.hidden()))
            };
            table.iter().map(text).collect()
        })
    }

    /// Says that the key is missing if it is not there.
    pub(super) fn needs(&self, key: &'static str) {
        if !self.entries.contains_key(key) {
            self.problem(key, "is missing", None);
        }
    }

    /// Like [`read`](Self::read); it is a problem if the key is not there.
    pub(super) fn require<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&Node) -> Result<T, Vec<Mistake>>,
    ) -> Option<T> {
        self.needs(key);
        self.read(key, parse)
    }

    /// The table of that name, empty if it is not there.
    pub(super) fn section(&mut self, key: &'static str) -> Section<'a> {
        let name = self.dotted(key);
        let table = self.table(key, &format!("a section `[{name}]`"));
        table.unwrap_or_else(|| Section {
            name,
            ..Section::top(Table::new(), self.problems)
        })
    }

    /// The table of that name; `None` if it is not there or, other than `expected`, none.
    pub(super) fn table(&mut self, key: &'static str, expected: &str) -> Option<Section<'a>> {
        let (entries, origin) = self.read(key, |node| match &node.value {
            Value::Table(table) => Ok((table.clone(), node.origin.clone())),
            _ => Err(expected_instead(node, expected)),
        })?;
        Some(Section {
            name: self.dotted(key),
            origin,
            ..Section::top(entries, self.problems)
        })
    }

    /// The tables within that table, each `[key.NAME]`, with their names.
    pub(super) fn named_sections(&mut self, key: &'static str) -> Vec<(String, Section<'a>)> {
        let expected = format!("sections `[{key}.NAME]`");
        let tables = self.read(key, |node| {
            let Value::Table(tables) = &node.value else {
                return Err(expected_instead(node, &expected));
            };
            let table = |(name, node): (&String, &Node)| match &node.value {
                Value::Table(table) => Ok((name.clone(), table.clone(), node.origin.clone())),
                _ => Err(expected_instead(node, &expected)),
            };
            tables.iter().map(table).collect::<Result<Vec<_>, _>>()
        });
        let problems = self.problems;
        let section = |(name, entries, origin)| {
            let section = Section {
                name: format!("{key}.{name}"),
                origin,
                ..Section::top(entries, problems)
            };
            (name, section)
        };
        tables
            .unwrap_or_default()
            .into_iter()
            .map(section)
            .collect()
    }

    /// The tables of that name, each `[[name]]`.
    pub(super) fn sections(&mut self, key: &'static str) -> Vec<Section<'a>> {
        let mistake = format!("sections `[[{key}]]`");
        let tables = self.read(key, |node| {
            let Value::Array(elements) = &node.value else {
                return Err(expected_instead(node, &mistake));
            };
            let table = |element: &Node| match &element.value {
                Value::Table(table) => Ok((table.clone(), element.origin.clone())),
                _ => Err(expected_instead(node, &mistake)),
            };
            elements.iter().map(table).collect::<Result<Vec<_>, _>>()
        });
        let problems = self.problems;
        let section = |(index, (entries, origin))| Section {
            name: format!("{key}[{}]", index + 1),
            origin,
            ..Section::top(entries, problems)
        };
        tables
            .unwrap_or_default()
            .into_iter()
            .enumerate()
            .map(section)
            .collect()
    }

    /// Its dotted name, `route[2]`.
    pub(super) fn name(&self) -> String {
        self.name.clone()
    }

    /// Where the section begins.
    pub(super) fn origin(&self) -> Origin {
        self.origin.clone()
    }

    /// Where a key that is not read yet stands; the section's beginning if it is not there.
    pub(super) fn origin_of(&self, key: &str) -> Origin {
        let node = self.entries.get(key);
        node.map_or(&self.origin, |node| &node.origin).clone()
    }

    /// Whether the key is set and not read yet.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Says that something is wrong with a key, at the section's beginning if the key is not there.
    pub(super) fn problem(
        &self,
        key: &str,
        message: impl Into<String>,
        suggestion: Option<String>,
    ) {
        self.problem_at(self.origin_of(key), key, message, suggestion);
    }

    /// Says that something is wrong with a key, which was read already, and stood there.
    pub(super) fn problem_at(
        &self,
        origin: Origin,
        key: &str,
        message: impl Into<String>,
        suggestion: Option<String>,
    ) {
        self.problems.add(Problem {
            origin,
            key: self.dotted(key),
            message: message.into(),
            suggestion,
        });
    }

    /// Says of every key that nobody asked for that it is unknown.
    pub(super) fn finish(self) {
        for key in self.entries.keys() {
            let dotted = self.dotted(key);
            let near = suggestion::closest(key, self.asked.iter().copied());
            let meant = near
                .map(|near| self.dotted(near))
                .or_else(|| suggestion::elsewhere(&dotted));
            self.problem(key, "unknown key", meant);
        }
    }

    fn dotted(&self, key: &str) -> String {
        if self.name.is_empty() {
            return key.to_owned();
        }
        format!("{}.{key}", self.name)
    }
}

impl Mistake {
    pub(super) fn one(message: impl Into<String>, suggestion: Option<String>) -> Vec<Self> {
        vec![Self {
            message: message.into(),
            suggestion,
            origin: None,
        }]
    }
}

/// A text that its own type reads. What was found is repeated.
pub(super) fn parsed<T>(
    parse: impl Fn(&str) -> Result<T, InvalidValue>,
) -> impl Fn(&Node) -> Result<T, Vec<Mistake>> {
    move |node| {
        let found = match &node.value {
            Value::Text(found) | Value::Overlay(found) => found.clone(),
            // A number instead of a text may only lack its unit: the type knows what to suggest.
            Value::Integer(found) => found.to_string(),
            _ => return Err(expected_instead(node, "a text")),
        };
        let is_text = !matches!(node.value, Value::Integer(_));
        match parse(&found) {
            Ok(value) if is_text => Ok(value),
            Ok(_) => Err(expected_instead(node, "a text")),
            Err(invalid) => Err(Mistake::one(
                format!("{invalid}, found `{found}`"),
                invalid.suggestion,
            )),
        }
    }
}

/// Any text that is not empty.
pub(super) fn text(node: &Node) -> Result<String, Vec<Mistake>> {
    match &node.value {
        Value::Text(text) | Value::Overlay(text) if !text.is_empty() => Ok(text.clone()),
        Value::Text(_) | Value::Overlay(_) => Err(Mistake::one("must not be empty", None)),
        _ => Err(expected_instead(node, "a text")),
    }
}

fn written(key: &str, node: &Node) -> Result<Written, Vec<Mistake>> {
    Ok(Written {
        value: text(node)?,
        key: key.to_owned(),
        origin: node.origin.clone(),
    })
}

/// One of a few words.
pub(super) fn word<T: Copy>(
    words: &[(&'static str, T)],
) -> impl Fn(&Node) -> Result<T, Vec<Mistake>> {
    move |node| {
        let found = text(node)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == found) {
            return Ok(*value);
        }
        let mut all: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        let last = all.pop().unwrap_or_default();
        let near = suggestion::closest(&found, words.iter().map(|(word, _)| *word));
        let message = format!("expected {} or {last}, found `{found}`", all.join(", "));
        Err(Mistake::one(message, near.map(str::to_owned)))
    }
}

pub(super) fn boolean(node: &Node) -> Result<bool, Vec<Mistake>> {
    match &node.value {
        Value::Boolean(boolean) => Ok(*boolean),
        Value::Overlay(text) if text == "true" => Ok(true),
        Value::Overlay(text) if text == "false" => Ok(false),
        _ => Err(expected_instead(node, "`true` or `false`")),
    }
}

/// A whole number from `least` to `most`.
pub(super) fn count(least: u32, most: u32) -> impl Fn(&Node) -> Result<u32, Vec<Mistake>> {
    move |node| {
        let number = match &node.value {
            Value::Integer(number) => u32::try_from(*number).ok(),
            Value::Overlay(text) => text.parse().ok(),
            _ => None,
        };
        number
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| {
                expected_instead(node, &format!("a whole number from {least} to {most}"))
            })
    }
}

/// A list; from the environment or a flag, with commas. Every wrong element is a mistake of its own.
pub(super) fn list<T>(
    element: impl Fn(&Node) -> Result<T, Vec<Mistake>>,
) -> impl Fn(&Node) -> Result<Vec<T>, Vec<Mistake>> {
    move |node| {
        let split;
        let elements = match &node.value {
            Value::Array(elements) => elements,
            Value::Overlay(text) => {
                split = split_overlay(text, &node.origin);
                &split
            }
            _ => return Err(expected_instead(node, "a list")),
        };
        let mut values = Vec::new();
        let mut mistakes = Vec::new();
        for node in elements {
            match element(node) {
                Ok(value) => values.push(value),
                Err(wrong) => mistakes.extend(wrong.into_iter().map(|mistake| Mistake {
                    origin: Some(node.origin.clone()),
                    ..mistake
                })),
            }
        }
        if mistakes.is_empty() {
            Ok(values)
        } else {
            Err(mistakes)
        }
    }
}

/// A value of another type than the key asks for.
pub(super) fn expected_instead(node: &Node, expected: &str) -> Vec<Mistake> {
    let found = match &node.value {
        Value::Text(text) => format!("the text `{text}`"),
        Value::Overlay(text) => format!("`{text}`"),
        Value::Integer(number) => format!("the number {number}"),
        Value::Float(number) => format!("the number {number}"),
        Value::Boolean(boolean) => format!("`{boolean}`"),
        Value::Datetime => "a date".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Table(_) => "a table".to_owned(),
    };
    Mistake::one(format!("expected {expected}, found {found}"), None)
}

fn split_overlay(text: &str, origin: &Origin) -> Vec<Node> {
    text.split(',')
        .map(str::trim)
        .filter(|element| !element.is_empty())
        .map(|element| Node {
            value: Value::Overlay(element.to_owned()),
            origin: origin.clone(),
        })
        .collect()
}
