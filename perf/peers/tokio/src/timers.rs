//! Very many tasks that sleep.

use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::task;
use tokio::time;

use crate::measure::{Report, Span};
use crate::tasks::{join_all, on_worker};

const SPREAD: u64 = 100;

fn wished(i: u64) -> Duration {
    Duration::from_millis(1 + i % SPREAD)
}

pub fn timers(runtime: &Runtime, size: u64) -> Report {
    on_worker(runtime, async move { join_all((0..size).map(|i| task::spawn(sleep_once(wished(i)))).collect()).await })
}

async fn sleep_once(time: Duration) -> u64 {
    time::sleep(time).await;
    1
}

pub fn overshoot(runtime: &Runtime, size: u64) -> Report {
    let span = Span::begin();
    let samples = runtime
        .block_on(runtime.spawn(async move {
            let sleepers: Vec<_> = (0..size).map(|i| task::spawn(measure_sleep(wished(i)))).collect();
            let mut samples = Vec::with_capacity(sleepers.len());
            for sleeper in sleepers {
                samples.push(sleeper.await.expect("no task is aborted"));
            }
            samples
        }))
        .expect("no task is aborted");
    span.end(samples.len() as u64).with_percentiles(samples)
}

async fn measure_sleep(wished: Duration) -> u64 {
    let start = Instant::now();
    time::sleep(wished).await;
    start.elapsed().saturating_sub(wished).as_nanos() as u64
}
