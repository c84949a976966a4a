//! Folders and files named by the settings, which only their owner may read: they hold people's addresses.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{Error, ErrorKind};
use std::path::Path;

/// Makes a folder, and those above it that are missing, with mode 0700. One that exists stays as it is.
///
/// # Errors
/// What the system said.
pub fn make_private_folder(path: &Path) -> Result<(), Error> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes an empty file with mode 0600. One that exists stays as it is; SQLite gives its log files the mode of the database.
///
/// # Errors
/// What the system said.
pub fn make_private_file(path: &Path) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).expect("exists").permissions().mode() & 0o777
    }

    #[test]
    fn only_the_owner_may_read_what_is_made_and_old_modes_stay() {
        let root = tempfile::tempdir().expect("temporary folder");
        let folder = root.path().join("a/b");
        make_private_folder(&folder).expect("folder");
        assert_eq!((mode(&folder), mode(&root.path().join("a"))), (0o700, 0o700));
        let file = folder.join("x.db");
        make_private_file(&file).expect("file");
        assert_eq!(mode(&file), 0o600);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).expect("mode");
        std::fs::write(&file, "kept").expect("write");
        make_private_file(&file).expect("exists");
        assert_eq!((mode(&file), std::fs::read_to_string(&file).expect("read").as_str()), (0o640, "kept"));
    }
}
