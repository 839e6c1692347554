//! What a running server cannot change.

use super::Config;

impl Config {
    /// The keys and sections in which another configuration differs and which count only from the next start on: all but
    /// routes, upstreams, trusted proxies, bans, limits, plans, `keys` and `cors`.
    #[must_use]
    pub fn differences_until_restart(&self, other: &Self) -> Vec<&'static str> {
        // All are named, so that a new one is not forgotten.
        let Self {
            public_url,
            trusted_proxies: _,
            demo,
            cors: _,
            cookies,
            listen,
            tls,
            store,
            algorithm,
            tokens,
            keys: _,
            session,
            password,
            links,
            mail,
            audit_retention,
            anonymous,
            bans: _,
            verification,
            trusted_issuers,
            limits: _,
            plans: _,
            log,
            telemetry,
            upstreams: _,
            routes: _,
            upstream: _,
        } = self;
        let differences = [
            ("public_url", *public_url != other.public_url),
            ("demo", *demo != other.demo),
            ("cookies", *cookies != other.cookies),
            ("listen", *listen != other.listen),
            ("tls", *tls != other.tls),
            ("store", *store != other.store),
            (
                "tokens",
                *algorithm != other.algorithm || *tokens != other.tokens,
            ),
            ("session", *session != other.session),
            ("password", *password != other.password),
            ("anonymous", *anonymous != other.anonymous),
            (
                "registration",
                links.verify_email != other.links.verify_email,
            ),
            ("login", links.mailed_login != other.links.mailed_login),
            ("mail", *mail != other.mail),
            ("audit", *audit_retention != other.audit_retention),
            ("verification", *verification != other.verification),
            ("trusted_issuer", *trusted_issuers != other.trusted_issuers),
            ("log", *log != other.log),
            ("telemetry", *telemetry != other.telemetry),
        ];
        differences
            .into_iter()
            .filter_map(|(key, differs)| differs.then_some(key))
            .collect()
    }
}
