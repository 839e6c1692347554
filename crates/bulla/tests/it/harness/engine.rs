//! What keeps the store: each flow that depends on it runs on both.

use bulla_test::PostgresServer;

use super::Folder;

/// An engine of the store.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// A folder in which everything is kept by this engine.
    pub(crate) fn folder(self) -> Folder {
        match self {
            Self::Sqlite => Folder::new(),
            Self::Postgres => Folder::on(&PostgresServer::shared().database()),
        }
    }
}

/// Makes a test for each engine of functions that take one.
macro_rules! on_every_engine {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[test]
                fn $name() {
                    super::$name(crate::harness::Engine::Sqlite);
                }
            )+
        }

        mod postgres {
            $(
                #[test]
                fn $name() {
                    super::$name(crate::harness::Engine::Postgres);
                }
            )+
        }
    };
}

pub(crate) use on_every_engine;
