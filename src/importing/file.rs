//! Files that wait to be imported, in a folder of their account's own.

use std::fs::{File, Metadata};
use std::io;
use std::path::PathBuf;

use crate::config::Settings;
use crate::model::ids::AccountId;

/// Why a file is not imported.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The account's folder has no such plain file.
    #[error("no such file")]
    NotThere,
    /// It is larger than allowed.
    #[error("file of {n_bytes} bytes is larger than {allowed_bytes}")]
    TooLarge {
        /// Its size.
        n_bytes: u64,
        /// The most that is allowed.
        allowed_bytes: u64,
    },
}

/// Opens a file of the account. `name` is foreign: it names one plain file in the folder itself, never a path, a link or a device. Blocks.
///
/// # Errors
/// [`FileError`].
pub fn open(settings: &Settings, account: AccountId, name: &str) -> Result<File, FileError> {
    let is_plain = !name.is_empty() && name.len() <= 255 && name != "." && name != "..";
    if !is_plain || name.contains(['/', '\\', '\0']) {
        return Err(FileError::NotThere);
    }
    let path = folder(settings).join(account.to_string()).join(name);
    let seen = std::fs::symlink_metadata(&path).map_err(|_| FileError::NotThere)?;
    if !seen.is_file() {
        return Err(FileError::NotThere);
    }
    let file = File::open(&path).map_err(|_| FileError::NotThere)?;
    let opened = file.metadata().map_err(|_| FileError::NotThere)?;
    // Between looking and opening a link may have taken the file's place.
    if !same_file(&seen, &opened).unwrap_or(false) {
        return Err(FileError::NotThere);
    }
    let allowed_bytes = settings.import.max_file_bytes;
    if opened.len() > allowed_bytes {
        return Err(FileError::TooLarge { n_bytes: opened.len(), allowed_bytes });
    }
    Ok(file)
}

/// The folder that holds a folder an account.
fn folder(settings: &Settings) -> PathBuf {
    let set = &settings.import.folder;
    if set.as_os_str().is_empty() { settings.server.data.join("imports") } else { set.clone() }
}

#[cfg(unix)]
fn same_file(seen: &Metadata, opened: &Metadata) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(opened.is_file() && (seen.dev(), seen.ino()) == (opened.dev(), opened.ino()))
}

#[cfg(not(unix))]
fn same_file(seen: &Metadata, opened: &Metadata) -> io::Result<bool> {
    Ok(opened.is_file() && seen.len() == opened.len() && seen.created()? == opened.created()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_files_of_the_account_are_opened() {
        let data = tempfile::tempdir().expect("temporary folder");
        let mut settings = Settings::default();
        settings.server.data = data.path().to_owned();
        settings.import.max_file_bytes = 5;
        let own = data.path().join("imports/7");
        std::fs::create_dir_all(own.join("sub")).expect("folder");
        std::fs::write(own.join("list.csv"), "a@b.c").expect("write");
        std::fs::write(own.join("large.csv"), "123456").expect("write");
        std::fs::write(data.path().join("imports/secret"), "x").expect("write");
        #[cfg(unix)]
        std::os::unix::fs::symlink(data.path().join("imports/secret"), own.join("link.csv")).expect("link");
        assert!(open(&settings, AccountId(7), "list.csv").is_ok());
        for name in ["", ".", "..", "../secret", "sub", "link.csv", "no.csv", "/etc/passwd", "..\\secret", "a\0b"] {
            assert!(matches!(open(&settings, AccountId(7), name), Err(FileError::NotThere)), "{name:?}");
        }
        assert!(matches!(open(&settings, AccountId(8), "list.csv"), Err(FileError::NotThere)));
        let large = open(&settings, AccountId(7), "large.csv");
        assert!(matches!(large, Err(FileError::TooLarge { n_bytes: 6, allowed_bytes: 5 })));
    }
}
