//! `[bans]`

use bulla_guard::abuse::Spared;

use crate::config::{
    reader::{Section, boolean, list, parsed},
    settings::Bans,
    values::parse_network,
};

pub(super) fn bans(mut section: Section<'_>) -> Bans {
    let automatic = section.read("automatic", boolean);
    let exempt = section.read("exempt", list(parsed(parse_network)));
    section.finish();
    Bans {
        automatic: automatic.unwrap_or(true),
        exempt: exempt.unwrap_or_else(|| Spared::default().exempt),
    }
}
