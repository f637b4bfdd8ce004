//! Tasks that are spawned, yield and are joined.

use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::{self, JoinHandle};

use crate::measure::{timed, Report};

const YIELDERS: u64 = 1_000;
const CHILDREN: usize = 10;
const STEPS: u32 = 2_000;

/// Adds up what tasks return.
pub async fn join_all(handles: Vec<JoinHandle<u64>>) -> u64 {
    let mut sum = 0;
    for handle in handles {
        sum += handle.await.expect("no task is aborted");
    }
    sum
}

/// Runs on a worker, as the spawning of tasks from outside the workers takes a slower way.
pub fn on_worker<F>(runtime: &Runtime, work: F) -> Report
where
    F: std::future::Future<Output = u64> + Send + 'static,
{
    timed(|| runtime.block_on(runtime.spawn(work)).expect("no task is aborted"))
}

pub fn spawn(runtime: &Runtime, size: u64) -> Report {
    on_worker(runtime, async move { join_all((0..size).map(|_| task::spawn(async { 1 })).collect()).await })
}

pub fn yields(runtime: &Runtime, size: u64) -> Report {
    on_worker(runtime, async move {
        join_all((0..YIELDERS).map(|i| task::spawn(yield_often(share(size, YIELDERS, i)))).collect()).await
    })
}

async fn yield_often(times: u64) -> u64 {
    for _ in 0..times {
        task::yield_now().await;
    }
    times
}

/// The part of the whole that the given one of many has to do.
pub fn share(whole: u64, parts: u64, part: u64) -> u64 {
    whole / parts + u64::from(part < whole % parts)
}

pub fn skynet(runtime: &Runtime, size: u64) -> Report {
    on_worker(runtime, async move { grow(0, size).await.expect("no task is aborted") })
}

fn grow(first: u64, leaves: u64) -> JoinHandle<u64> {
    task::spawn(async move {
        if leaves <= 1 {
            return first;
        }
        let share = leaves / CHILDREN as u64;
        let children: [_; CHILDREN] = std::array::from_fn(|i| grow(first + i as u64 * share, share));
        let mut sum = 0;
        for child in children {
            sum += child.await.expect("no task is aborted");
        }
        sum
    })
}

pub fn chain(runtime: &Runtime, size: u64) -> Report {
    on_worker(runtime, async move {
        let (report, last) = oneshot::channel();
        link(1, size, report);
        last.await.expect("the last task reports")
    })
}

fn link(number: u64, size: u64, report: oneshot::Sender<u64>) {
    task::spawn(async move {
        if number < size {
            link(number + 1, size, report);
        } else {
            let _ = report.send(number);
        }
    });
}

pub fn unbalanced(runtime: &Runtime, size: u64) -> Report {
    on_worker(runtime, async move {
        join_all((1..=size).map(|seed| task::spawn(async move { calculate(seed) })).collect()).await
    })
}

/// The first bit of the last number of a xorshift64* generator.
fn calculate(seed: u64) -> u64 {
    let mut x = seed;
    for _ in 0..STEPS {
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
    }
    x.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 63
}
