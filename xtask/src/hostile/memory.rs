//! How much more memory the server takes for a moment. Linux only: elsewhere nothing tells a process's greatest resident size since a moment.

use std::fs;

/// The server's process.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    id: u32,
    is_measured: bool,
}

/// The size at a moment, in KiB.
#[derive(Debug, Clone, Copy)]
pub struct Mark(Option<u64>);

impl Memory {
    /// Of the process with this number.
    pub fn of(id: u32) -> Self {
        let mut memory = Self { id, is_measured: true };
        memory.is_measured = memory.mark().0.is_some();
        memory
    }

    /// Whether the system tells it.
    pub fn is_measured(&self) -> bool {
        self.is_measured
    }

    /// From here on the greatest size is looked for.
    pub fn mark(&self) -> Mark {
        // 5 sets the greatest resident size back to the present one (`man 5 proc`).
        let is_reset = self.is_measured && fs::write(format!("/proc/{}/clear_refs", self.id), "5").is_ok();
        Mark(if is_reset { self.kib("VmRSS:") } else { None })
    }

    /// How far the size has been above that of the mark, in KiB; `None` when the system does not tell.
    pub fn grown_since(&self, mark: Mark) -> Option<u64> {
        Some(self.kib("VmHWM:")?.saturating_sub(mark.0?))
    }

    fn kib(&self, key: &str) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id)).ok()?;
        status.lines().find(|line| line.starts_with(key))?.split_whitespace().nth(1)?.parse().ok()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_and_given_back_is_seen() {
        let memory = Memory::of(std::process::id());
        assert!(memory.is_measured());
        let mark = memory.mark();
        let taken = vec![1_u8; 64 * 1024 * 1024];
        assert!(taken.iter().all(|byte| *byte == 1));
        drop(taken);
        let grown = memory.grown_since(mark).unwrap();
        assert!(grown > 60 * 1024, "{grown} KiB");
        let later = memory.mark();
        assert!(memory.grown_since(later).unwrap() < 60 * 1024, "the mark is a new one");
    }
}
