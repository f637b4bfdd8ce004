//! Waits until many have arrived.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// A count that one task waits for. A static one costs those who arrive no memory.
pub struct Latch {
    left: AtomicU64,
    open: Notify,
}

impl Latch {
    pub const fn new() -> Self {
        Self { left: AtomicU64::new(0), open: Notify::const_new() }
    }

    pub fn expect(&self, count: u64) {
        self.left.store(count, Ordering::Release);
    }

    pub fn arrive(&self) {
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.open.notify_one();
        }
    }

    pub async fn wait(&self) {
        self.open.notified().await;
    }
}
