//! How soon a waiting task runs after a thread that is no worker has woken it.

use std::hint;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::task::{self, JoinHandle};

use crate::measure::{Report, Span};

const SHORT: Duration = Duration::from_micros(20);
const LONG: Duration = Duration::from_millis(2);

pub fn searching(runtime: &Runtime, size: u64) -> Report {
    wake(runtime, size, || spin(SHORT))
}

pub fn parked(runtime: &Runtime, size: u64) -> Report {
    wake(runtime, size, || thread::sleep(LONG))
}

pub fn loaded(runtime: &Runtime, size: u64) -> Report {
    let ended = Arc::new(AtomicBool::new(false));
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let load: Vec<_> = (0..workers).map(|_| runtime.spawn(yield_until(Arc::clone(&ended)))).collect();
    let report = wake(runtime, size, || spin(SHORT));
    ended.store(true, Ordering::Relaxed);
    for yielder in load {
        join(runtime, yielder);
    }
    report
}

async fn yield_until(ended: Arc<AtomicBool>) {
    while !ended.load(Ordering::Relaxed) {
        task::yield_now().await;
    }
}

fn spin(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        hint::spin_loop();
    }
}

fn join(runtime: &Runtime, handle: JoinHandle<()>) {
    runtime.block_on(handle).expect("no task is aborted");
}

/// What the waking thread and the party share.
struct Bell {
    start: Instant,
    ring: Notify,
    /// When the party ran, in nanoseconds since the start; 0 while it has not.
    seen: AtomicU64,
}

impl Bell {
    fn now(&self) -> u64 {
        self.start.elapsed().as_nanos() as u64
    }
}

fn wake(runtime: &Runtime, size: u64, pause: impl Fn()) -> Report {
    let bell = Arc::new(Bell { start: Instant::now(), ring: Notify::new(), seen: AtomicU64::new(0) });
    let mut samples = Vec::with_capacity(size as usize);

    let span = Span::begin();
    let party = runtime.spawn(listen(Arc::clone(&bell), size));
    for _ in 0..size {
        pause();
        let begin = bell.now();
        bell.ring.notify_one();
        samples.push(wait_until_seen(&bell) - begin);
    }
    join(runtime, party);
    span.end(samples.len() as u64).with_percentiles(samples)
}

async fn listen(bell: Arc<Bell>, times: u64) {
    for _ in 0..times {
        bell.ring.notified().await;
        bell.seen.store(bell.now(), Ordering::Release);
    }
}

fn wait_until_seen(bell: &Bell) -> u64 {
    loop {
        match bell.seen.load(Ordering::Acquire) {
            0 => hint::spin_loop(),
            time => {
                bell.seen.store(0, Ordering::Relaxed);
                return time;
            }
        }
    }
}
