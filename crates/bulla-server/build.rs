//! Compresses the files of `web/` once: what is served is ready in the binary.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};

/// What fonts are is compressed already.
const KINDS: [&str; 5] = ["html", "css", "js", "svg", "txt"];

#[expect(
    clippy::disallowed_methods,
    reason = "a build script is told its folder by the environment"
)]
fn main() -> Result<(), Box<dyn Error>> {
    let web = Path::new("web");
    println!("cargo::rerun-if-changed={}", web.display());
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut arms = String::new();
    for (index, path) in files(web)?.iter().enumerate() {
        let compressed = out.join(format!("{index}.gz"));
        compress(path, &compressed)?;
        let name = path.strip_prefix(web)?.to_str().ok_or("no UTF-8")?;
        writeln!(arms, "{name:?} => Some(include_bytes!({compressed:?})),")?;
    }
    let table = format!("match path {{\n{arms}_ => None,\n}}\n");
    fs::write(out.join("compressed.rs"), table)?;
    Ok(())
}

/// Those below a folder that get smaller, in an order that is always the same.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if KINDS
            .iter()
            .any(|kind| path.extension() == Some(kind.as_ref()))
        {
            found.push(path);
        }
    }
    Ok(found)
}

fn compress(from: &Path, to: &Path) -> io::Result<()> {
    let mut encoder = GzEncoder::new(File::create(to)?, Compression::best());
    encoder.write_all(&fs::read(from)?)?;
    encoder.finish()?;
    Ok(())
}
