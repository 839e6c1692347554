//! Colours, where there is somebody to see them.

use std::{
    env,
    io::{self, IsTerminal},
};

/// Whether standard output may be coloured: it is a terminal, and <https://no-color.org> is not set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint(bool);

impl Paint {
    /// What standard output may have.
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever runs the command says by the environment what a terminal may show"
    )]
    pub(super) fn of_standard_output() -> Self {
        let unwanted = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self(io::stdout().is_terminal() && !unwanted)
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(super) fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }

    pub(super) fn red(self, text: &str) -> String {
        self.paint("31", text)
    }

    pub(super) fn green(self, text: &str) -> String {
        self.paint("32", text)
    }

    pub(super) fn cyan(self, text: &str) -> String {
        self.paint("36", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.0 {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_ends_behind_its_text_and_is_there_only_where_it_may_be() {
        assert_eq!(Paint(true).red("FAIL"), "\u{1b}[31mFAIL\u{1b}[0m");
        assert_eq!(Paint(false).red("FAIL"), "FAIL");
    }
}
