//! A section, read key by key.

use super::value::{Mistake, expected_instead, list, text, written};
use crate::config::{
    problem::{Origin, Problem, Problems},
    suggestion,
    tree::{Node, Table, Value},
    written::{Hidden, Written},
};

/// A table that is being read.
pub(in crate::config) struct Section<'a> {
    name: String,
    origin: Origin,
    entries: Table,
    asked: Vec<&'static str>,
    problems: &'a Problems,
}

impl<'a> Section<'a> {
    pub(in crate::config) const fn top(entries: Table, problems: &'a Problems) -> Self {
        Self {
            name: String::new(),
            origin: Origin::Default,
            entries,
            asked: Vec::new(),
            problems,
        }
    }

    /// The value of a key; `None` if it is not there or wrong.
    pub(in crate::config) fn read<T>(
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
    pub(in crate::config) fn written(&mut self, key: &'static str) -> Option<Written> {
        self.placed(key, text)
    }

    /// Like [`read`](Self::read), with the place where it stands.
    pub(in crate::config) fn placed<T>(
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
    pub(in crate::config) fn written_list(
        &mut self,
        key: &'static str,
    ) -> Option<Written<Vec<Written>>> {
        let dotted = self.dotted(key);
        self.placed(key, list(|element| written(&dotted, element)))
    }

    /// A table of texts that another part reads, and that may be secrets.
    pub(in crate::config) fn hidden_table(
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
    pub(in crate::config) fn needs(&self, key: &'static str) {
        if !self.entries.contains_key(key) {
            self.problem(key, "is missing", None);
        }
    }

    /// Like [`read`](Self::read); it is a problem if the key is not there.
    pub(in crate::config) fn require<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&Node) -> Result<T, Vec<Mistake>>,
    ) -> Option<T> {
        self.needs(key);
        self.read(key, parse)
    }

    /// The table of that name, empty if it is not there.
    pub(in crate::config) fn section(&mut self, key: &'static str) -> Section<'a> {
        let name = self.dotted(key);
        let table = self.table(key, &format!("a section `[{name}]`"));
        table.unwrap_or_else(|| Section {
            name,
            ..Section::top(Table::new(), self.problems)
        })
    }

    /// The table of that name; `None` if it is not there or, other than `expected`, none.
    pub(in crate::config) fn table(
        &mut self,
        key: &'static str,
        expected: &str,
    ) -> Option<Section<'a>> {
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
    pub(in crate::config) fn named_sections(
        &mut self,
        key: &'static str,
    ) -> Vec<(String, Section<'a>)> {
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
    pub(in crate::config) fn sections(&mut self, key: &'static str) -> Vec<Section<'a>> {
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
    pub(in crate::config) fn name(&self) -> String {
        self.name.clone()
    }

    /// Where the section begins.
    pub(in crate::config) fn origin(&self) -> Origin {
        self.origin.clone()
    }

    /// Where a key that is not read yet stands; the section's beginning if it is not there.
    pub(in crate::config) fn origin_of(&self, key: &str) -> Origin {
        let node = self.entries.get(key);
        node.map_or(&self.origin, |node| &node.origin).clone()
    }

    /// Whether the key is set and not read yet.
    pub(in crate::config) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Says that something is wrong with a key, at the section's beginning if the key is not there.
    pub(in crate::config) fn problem(
        &self,
        key: &str,
        message: impl Into<String>,
        suggestion: Option<String>,
    ) {
        self.problem_at(self.origin_of(key), key, message, suggestion);
    }

    /// Says that something is wrong with a key, which was read already, and stood there.
    pub(in crate::config) fn problem_at(
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
    pub(in crate::config) fn finish(self) {
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
