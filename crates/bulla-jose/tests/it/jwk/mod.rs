mod export;
mod selection;
mod set;
mod thumbprint;
