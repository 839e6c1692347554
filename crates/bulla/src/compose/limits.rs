//! How much may come.

use bulla_gateway::{AddressLimit, Limits};
use bulla_guard::limit::Plans;
use bulla_server::config::Config;

/// The limits of a configuration.
pub(crate) fn limits(config: &Config) -> Limits {
    Limits {
        plans: plans(config),
        address: config.limits.address.map(AddressLimit::new),
        connections: config.limits.connections,
    }
}

/// Its plans, and those that are built in.
pub(crate) fn plans(config: &Config) -> Plans {
    Plans::new(config.plans.iter().cloned())
}
