//! Files that are named on the command line.

use std::path::Path;
use std::{fs, io};

use m26_pay::gateway::KeyError;
use zeroize::Zeroizing;

use crate::problem::Problem;

pub(crate) fn read(option: &str, path: &Path) -> Result<Vec<u8>, Problem> {
    let failed =
        |error: io::Error| Problem::io(format_args!("{option} {}: {error}", path.display()));
    fs::read(path).map_err(failed)
}

/// The key in a file, if one is named.
pub(crate) fn key<K>(
    option: &str,
    path: Option<&Path>,
    take: impl Fn(&[u8]) -> Result<K, KeyError>,
) -> Result<Option<K>, Problem> {
    path.map(|path| read_key(option, path, take)).transpose()
}

/// The key in a file.
pub(crate) fn read_key<K>(
    option: &str,
    path: &Path,
    take: impl Fn(&[u8]) -> Result<K, KeyError>,
) -> Result<K, Problem> {
    let file = Zeroizing::new(read(option, path)?);
    let name = path.display();
    take(&file).map_err(|error| Problem::usage(format_args!("{option} {name}: {error}")))
}
