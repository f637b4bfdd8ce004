//! Wall time, CPU time, resident memory and percentiles.

use std::fmt::Write;
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

static BASELINE: AtomicU64 = AtomicU64::new(0);
static LEAST_PER_UNIT: AtomicU64 = AtomicU64::new(u64::MAX);

/// What a round gave.
pub struct Report {
    ns: u64,
    cpu_ns: u64,
    pub result: u64,
    extras: Vec<(&'static str, f64)>,
}

impl Report {
    pub fn with(mut self, name: &'static str, value: f64) -> Self {
        self.extras.push((name, value));
        self
    }

    /// Adds p50, p99 and p999 of the samples, which are in nanoseconds.
    pub fn with_percentiles(mut self, mut samples: Vec<u64>) -> Self {
        samples.sort_unstable();
        for (name, share) in [("p50Ns", 0.5), ("p99Ns", 0.99), ("p999Ns", 0.999)] {
            let rank = (samples.len() as f64 * share).ceil() as usize;
            self.extras.push((name, samples[rank.max(1) - 1] as f64));
        }
        self
    }

    pub fn to_json(&self) -> String {
        let mut json = format!(r#"{{"ns":{},"result":{},"cpuNs":{}"#, self.ns, self.result, self.cpu_ns);
        for (name, value) in &self.extras {
            let _ = write!(json, r#","{name}":{value:.1}"#);
        }
        json.push('}');
        json
    }
}

/// A span of time that has begun.
pub struct Span {
    start: Instant,
    cpu: u64,
}

impl Span {
    pub fn begin() -> Self {
        Self { cpu: cpu_ns(), start: Instant::now() }
    }

    pub fn end(self, result: u64) -> Report {
        let ns = self.start.elapsed().as_nanos() as u64;
        Report { ns, cpu_ns: cpu_ns() - self.cpu, result, extras: Vec::new() }
    }
}

pub fn timed(work: impl FnOnce() -> u64) -> Report {
    let span = Span::begin();
    let result = work();
    span.end(result)
}

/// Keeps what is resident before anything has been run.
pub fn remember_baseline() {
    BASELINE.store(resident_bytes(), Ordering::Relaxed);
}

/// How much more is resident than before anything was run, for each unit. The least of all rounds: what earlier rounds
/// have left to the allocator counts in full, and so does what of it cannot be used again.
pub fn grown_bytes_per_unit(units: u64) -> f64 {
    let grown = resident_bytes().saturating_sub(BASELINE.load(Ordering::Relaxed)) / units;
    LEAST_PER_UNIT.fetch_min(grown, Ordering::Relaxed).min(grown) as f64
}

fn resident_bytes() -> u64 {
    let statm = fs::read_to_string("/proc/self/statm").expect("statm is readable");
    let pages: u64 = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("statm has a second number");
    // SAFETY: sysconf only reads.
    pages * unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as u64
}

fn cpu_ns() -> u64 {
    // SAFETY: a rusage is plain numbers, and getrusage fills the one it is given.
    let usage = unsafe {
        let mut usage = std::mem::zeroed::<libc::rusage>();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    let ns = |time: libc::timeval| time.tv_sec as u64 * 1_000_000_000 + time.tv_usec as u64 * 1_000;
    ns(usage.ru_utime) + ns(usage.ru_stime)
}
