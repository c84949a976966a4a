//! Free space where the server writes.

use std::path::{Path, PathBuf};

use super::{Finding, bytes};
use crate::config::Settings;
use crate::store::db::DbAddress;

/// With less a group of writes may be lost any moment.
const LITTLE: u64 = 100 << 20;
/// With less, or with less than a twentieth, somebody should look.
const SOME: u64 = 1 << 30;
/// A twentieth of a large disk is plenty.
const PLENTY: u64 = 50 << 30;

const CHECK: &str = "disk";

/// The folders that the server writes to, each with what it is for.
pub(super) fn folders(settings: &Settings) -> Vec<(&'static str, PathBuf)> {
    let mut folders = vec![("data", settings.server.data.clone())];
    if let Ok(DbAddress::Sqlite(path)) = DbAddress::parse(&settings.database_url())
        && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        folders.push(("database", folder.to_owned()));
    }
    folders.push(("outbox", settings.outbox()));
    let imports = &settings.import.folder;
    folders.push((
        "imports",
        if imports.as_os_str().is_empty() { settings.server.data.join("imports") } else { imports.clone() },
    ));
    let mut seen: Vec<PathBuf> = Vec::new();
    folders.retain(|(_, folder)| {
        let is_new = !seen.contains(folder);
        seen.push(folder.clone());
        is_new
    });
    folders
}

/// One line for each disk.
pub(super) fn examine(settings: &Settings) -> Vec<Finding> {
    let (mut findings, mut seen) = (Vec::new(), Vec::new());
    for (_, folder) in folders(settings).iter().filter(|(_, folder)| folder.exists()) {
        let device = device_of(folder);
        if device.is_some() && seen.contains(&device) {
            continue;
        }
        seen.push(device);
        findings.push(match rustix::fs::statvfs(folder) {
            Ok(disk) => {
                let size = disk.f_frsize;
                of_space(folder, disk.f_bavail.saturating_mul(size), disk.f_blocks.saturating_mul(size))
            }
            Err(error) => Finding::warning(CHECK, format!("{}: {error}", folder.display()), "look at it by hand: df"),
        });
    }
    findings
}

#[cfg(unix)]
fn device_of(folder: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(folder).ok().map(|folder| folder.dev())
}

#[cfg(not(unix))]
fn device_of(_: &Path) -> Option<u64> {
    None
}

fn of_space(folder: &Path, free: u64, all: u64) -> Finding {
    let says = format!("{}: {} of {} are free", folder.display(), bytes(free), bytes(all));
    let advice = "make room: `outbox`, old backups, logs; without space nothing is written and nothing is answered";
    if free < LITTLE {
        Finding::problem(CHECK, says, advice)
    } else if free < SOME || (free < all / 20 && free < PLENTY) {
        Finding::warning(CHECK, says, advice)
    } else {
        Finding::ok(CHECK, says)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Grade;

    #[test]
    fn little_space_is_told_before_it_is_gone() {
        let grade = |free: u64, all: u64| of_space(Path::new("data"), free, all).grade;
        let gib = 1_u64 << 30;
        assert_eq!(grade(LITTLE - 1, 100 * gib), Grade::Problem);
        assert_eq!(grade(gib - 1, 10 * gib), Grade::Warning);
        assert_eq!(grade(4 * gib, 100 * gib), Grade::Warning);
        assert_eq!(grade(6 * gib, 100 * gib), Grade::Ok);
        assert_eq!(grade(60 * gib, 10_000 * gib), Grade::Ok);
    }

    #[test]
    fn a_disk_is_told_once() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let mut settings = Settings::default();
        settings.server.data = folder.path().to_owned();
        std::fs::create_dir(settings.outbox()).expect("folder");
        let found = examine(&settings);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].says.contains("are free"), "{found:?}");
    }
}
