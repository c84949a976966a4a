//! Durable files in the outbox folder: a file is there whole or not at all, and is still there after a power cut.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::config::private_files;
use crate::domain::workload::Mail;

/// `<mail id>-<recipient>.eml`: the same for every try, so that a repeated try replaces its file.
pub(super) fn name_of(mail: &Mail) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "@._+-".contains(c) { c } else { '_' };
    let recipient: String = mail.to_email.chars().take(100).map(safe).collect();
    format!("{}-{recipient}.eml", mail.id)
}

/// Writes a file under a name that no reader takes for a mail, syncs it, then gives it its name. [`sync_folder`] makes the name durable.
pub(super) fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    private_files::make_private_folder(folder)?;
    let unfinished = folder.join(format!(".{name}.part"));
    private_files::make_private_file(&unfinished)?;
    let mut file = File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&unfinished, folder.join(name))
}

/// Makes the names in a folder durable. Systems that cannot open a folder do so by themselves.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
