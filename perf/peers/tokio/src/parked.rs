//! Very many parties that wait: what one costs.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::runtime::Runtime;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::sync::oneshot;
use tokio::task;

use crate::latch::Latch;
use crate::measure::{grown_bytes_per_unit, Report, Span};

static WAITING: Latch = Latch::new();
static ENDED: Latch = Latch::new();
static RECEIVED: AtomicU64 = AtomicU64::new(0);

pub fn on_mailboxes(runtime: &Runtime, size: u64) -> Report {
    park(runtime, size, || {
        let (sender, mailbox) = mpsc::unbounded_channel();
        task::spawn(wait_for_message(mailbox));
        move || {
            let _ = sender.send(1);
        }
    })
}

pub fn on_events(runtime: &Runtime, size: u64) -> Report {
    park(runtime, size, || {
        let (event, waiter) = oneshot::channel();
        task::spawn(wait_for_event(waiter));
        move || {
            let _ = event.send(1);
        }
    })
}

async fn wait_for_message(mut mailbox: UnboundedReceiver<u64>) {
    WAITING.arrive();
    let number = mailbox.recv().await;
    end_with(number.unwrap_or(0));
}

async fn wait_for_event(event: oneshot::Receiver<u64>) {
    WAITING.arrive();
    let number = event.await;
    end_with(number.unwrap_or(0));
}

fn end_with(number: u64) {
    RECEIVED.fetch_add(number, Ordering::Relaxed);
    ENDED.arrive();
}

/// Makes parties until all wait, then wakes them all. To make one gives the way to wake it.
fn park<W: FnOnce() + Send + 'static>(runtime: &Runtime, size: u64, make: impl Fn() -> W + Send + 'static) -> Report {
    WAITING.expect(size);
    ENDED.expect(size);
    RECEIVED.store(0, Ordering::Relaxed);

    let span = Span::begin();
    let wakes = run(runtime, async move {
        let wakes: Vec<W> = (0..size).map(|_| make()).collect();
        WAITING.wait().await;
        wakes
    });
    let mut report = span.end(0).with("bytesPerUnit", grown_bytes_per_unit(size));

    run(runtime, async move {
        for wake in wakes {
            wake();
        }
        ENDED.wait().await;
    });
    report.result = RECEIVED.load(Ordering::Relaxed);
    report
}

fn run<F>(runtime: &Runtime, work: F) -> F::Output
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    runtime.block_on(runtime.spawn(work)).expect("no task is aborted")
}
