//! Who may read and write the server's folders and files: they hold people's addresses, and the settings hold passwords.

use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};
use toml::Table;

use super::{Finding, disk};
use crate::config::Settings;
use crate::config::masked::masked;
use crate::store::db::DbAddress;

const CHECK: &str = "permissions";

/// One line when all is well, otherwise one for each file or folder.
pub(super) fn examine(settings: &Settings, file: Option<PathBuf>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (what, folder) in disk::folders(settings) {
        if !folder.exists() {
            if what == "data" {
                let says = format!("there is no data folder {}", folder.display());
                findings.push(Finding::warning(CHECK, says, "name the right one (--data); the first start makes it"));
            }
            continue;
        }
        findings.extend(closed(&folder, "o-rwx"));
        if access(&folder, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).is_err() {
            let says = format!("this user may not write into the {what} folder {}", folder.display());
            let advice = "run doctor as the user that serves; if it is this one, give the folder to it: chown";
            findings.push(Finding::problem(CHECK, says, advice));
        }
    }
    for path in database_files(settings).iter().filter(|path| path.exists()) {
        findings.extend(closed(path, "o-rwx"));
    }
    if let Some(file) = file.filter(|_| has_secrets(settings)) {
        findings.extend(closed(&file, "go-rwx"));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, "only those who should may read the data, and this user may write it"));
    }
    findings
}

fn database_files(settings: &Settings) -> Vec<PathBuf> {
    let Ok(DbAddress::Sqlite(path)) = DbAddress::parse(&settings.database_url()) else { return Vec::new() };
    let beside = |end: &str| PathBuf::from(format!("{}{end}", path.display()));
    vec![path.clone(), beside("-wal"), beside("-shm")]
}

/// Whether anything in the settings is covered when they are shown.
fn has_secrets(settings: &Settings) -> bool {
    Table::try_from(settings).is_ok_and(|table| table != masked(settings))
}

/// What is wrong when a file or folder is open to those whom `chmod` is to shut out.
#[cfg(unix)]
fn closed(path: &Path, change: &str) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = match std::fs::metadata(path) {
        Ok(found) => found.permissions().mode(),
        Err(error) => {
            let says = format!("{}: {error}", path.display());
            return Some(Finding::warning(CHECK, says, "run doctor as the user that serves"));
        }
    };
    let shut = if change.starts_with("go") { 0o077 } else { 0o007 };
    (mode & shut != 0).then(|| {
        let says = format!("others may use {} (mode {:03o})", path.display(), mode & 0o777);
        let advice = format!("chmod {change} {}", path.display());
        // Inside a folder that only shows its names, files are shut by their own modes.
        match path.is_dir() && mode & 0o002 == 0 {
            true => Finding::warning(CHECK, says, advice),
            false => Finding::problem(CHECK, says, advice),
        }
    })
}

#[cfg(not(unix))]
fn closed(_: &Path, _: &str) -> Option<Finding> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::doctor::Grade;

    fn set(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("mode");
    }

    #[test]
    fn what_the_world_may_read_is_told_with_the_command_that_ends_it() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let mut settings = Settings::default();
        settings.server.data = folder.path().join("data");
        std::fs::create_dir(&settings.server.data).expect("folder");
        let (database, file) = (settings.server.data.join("understudy.db"), folder.path().join("settings.toml"));
        for path in [&database, &file] {
            std::fs::write(path, "").expect("file");
            set(path, 0o640);
        }
        set(&settings.server.data, 0o750);
        let advice = |settings: &Settings| -> Vec<String> {
            examine(settings, Some(file.clone())).into_iter().map(|found| found.advice).collect()
        };
        assert_eq!(advice(&settings), [""], "a group may be let in, and these settings hold no secret");
        settings.security.link_secret = "a secret for tests".to_owned();
        assert_eq!(advice(&settings), [format!("chmod go-rwx {}", file.display())]);
        set(&file, 0o600);
        set(&settings.server.data, 0o755);
        set(&database, 0o644);
        let expected = [&settings.server.data, &database].map(|path| format!("chmod o-rwx {}", path.display()));
        assert_eq!(advice(&settings), expected);
        let grades = || examine(&settings, None).iter().map(|found| found.grade).collect::<Vec<_>>();
        assert_eq!(grades(), [Grade::Warning, Grade::Problem]);
        set(&settings.server.data, 0o777);
        assert_eq!(grades(), [Grade::Problem, Grade::Problem]);
    }
}
