//! Lists the files of the console's build, which `cargo xtask console` makes, to be embedded.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The folder of files whose names change with their content, under the build.
const HASHED: &str = "console";

fn main() -> io::Result<()> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../console/dist");
    println!("cargo:rerun-if-changed={}", dist.display());
    let mut files = fs::read_dir(dist.join(HASHED))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<PathBuf>>>()?;
    files.sort();
    let mut list = String::from("&[");
    for file in files {
        let name = file.file_name().unwrap_or_default();
        let path = fs::canonicalize(&file)?;
        writeln!(list, "({name:?}, include_bytes!({path:?}).as_slice()),")
            .expect("a string takes everything");
    }
    list.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("console.rs"), list)
}
