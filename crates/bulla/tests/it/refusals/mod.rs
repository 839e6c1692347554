//! What a start or a request is refused for: one clear sentence, and nothing touched.

mod configuration;
mod cross_site;
mod damaged_files;
mod every_field;
mod input;
mod listen;
mod usage;
