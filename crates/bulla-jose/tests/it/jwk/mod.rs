mod export;
pub(crate) mod private;
mod selection;
mod set;
mod thumbprint;
