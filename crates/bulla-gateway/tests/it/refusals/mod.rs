//! A test an attack, named after it, each beside a control that passes.

mod cross_site;
mod http2_floods;
mod path_confusion;
mod smuggling;
mod spoofing;
mod too_much;
mod tunnelling;
