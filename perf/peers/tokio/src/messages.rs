//! Parties with mailboxes: a task and an unbounded channel each.

use tokio::runtime::Runtime;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;
use tokio::task;

use crate::measure::{timed, Report};
use crate::tasks::{join_all, on_worker, share};

const BATCH: u64 = 1_000;
const SENDERS: u64 = 8;
const ASKERS: u64 = 64;

/// Tells a party of a ring to end; other numbers are the hops a token has still to go.
const STOP: u64 = 0;

pub fn pingpong(runtime: &Runtime, size: u64) -> Report {
    on_worker(runtime, rings(1, 2, 1, size))
}

pub fn pingpong_16x100(runtime: &Runtime, size: u64) -> Report {
    on_worker(runtime, rings(16, 2, 100, size))
}

pub fn ring(runtime: &Runtime, size: u64) -> Report {
    on_worker(runtime, rings(1, 100, 1, size))
}

/// Lets tokens go round in rings of parties. Gives the hops that the parties have counted.
async fn rings(rings: u64, parties: usize, tokens: u64, size: u64) -> u64 {
    let (done, mut ends) = mpsc::unbounded_channel();
    let mut senders = Vec::new();
    let mut handles = Vec::new();
    for _ in 0..rings {
        let (ring, mailboxes): (Vec<_>, Vec<_>) = (0..parties).map(|_| mpsc::unbounded_channel()).unzip();
        for (i, mailbox) in mailboxes.into_iter().enumerate() {
            let next = ring[(i + 1) % parties].clone();
            handles.push(task::spawn(pass_on(mailbox, next, done.clone())));
        }
        senders.push(ring);
    }

    let all = rings * tokens;
    for token in 0..all.min(size) {
        let _ = senders[(token % rings) as usize][0].send(share(size, all, token));
    }
    for _ in 0..all.min(size) {
        ends.recv().await;
    }
    for party in senders.iter().flatten() {
        let _ = party.send(STOP);
    }
    join_all(handles).await
}

async fn pass_on(mut mailbox: UnboundedReceiver<u64>, next: UnboundedSender<u64>, done: UnboundedSender<()>) -> u64 {
    let mut hops = 0;
    while let Some(left) = mailbox.recv().await {
        if left == STOP {
            break;
        }
        hops += 1;
        if left > 1 {
            let _ = next.send(left - 1);
        } else {
            let _ = done.send(());
        }
    }
    hops
}

/// Here the thread that sends is the process' first one, which is no worker.
pub fn tell(runtime: &Runtime, size: u64) -> Report {
    timed(|| {
        let (sender, mailbox) = mpsc::unbounded_channel();
        let receiver = runtime.spawn(add_up(mailbox));
        for number in 1..=size {
            let _ = sender.send(number);
        }
        drop(sender);
        runtime.block_on(receiver).expect("no task is aborted")
    })
}

pub fn tell_inside(runtime: &Runtime, size: u64) -> Report {
    on_worker(runtime, send_from(1, size))
}

pub fn fanin(runtime: &Runtime, size: u64) -> Report {
    on_worker(runtime, send_from(SENDERS, size))
}

async fn send_from(senders: u64, size: u64) -> u64 {
    let (sender, mailbox) = mpsc::unbounded_channel();
    let receiver = task::spawn(add_up(mailbox));
    for i in 0..senders {
        task::spawn(send(sender.clone(), size * i / senders + 1, size * (i + 1) / senders));
    }
    drop(sender);
    receiver.await.expect("no task is aborted")
}

async fn send(receiver: UnboundedSender<u64>, from: u64, to: u64) {
    for number in from..=to {
        let _ = receiver.send(number);
        if number % BATCH == 0 {
            task::yield_now().await;
        }
    }
}

/// Takes what has come before it waits again: faster than to await each message.
async fn add_up(mut mailbox: UnboundedReceiver<u64>) -> u64 {
    let mut sum = 0;
    while let Some(number) = mailbox.recv().await {
        sum += number;
        while let Ok(number) = mailbox.try_recv() {
            sum += number;
        }
    }
    sum
}

struct Question {
    number: u64,
    reply: oneshot::Sender<u64>,
}

pub fn ask(runtime: &Runtime, size: u64) -> Report {
    on_worker(runtime, ask_from(1, size))
}

pub fn ask_64(runtime: &Runtime, size: u64) -> Report {
    on_worker(runtime, ask_from(ASKERS, size))
}

async fn ask_from(askers: u64, size: u64) -> u64 {
    let (party, mailbox) = mpsc::unbounded_channel();
    task::spawn(respond(mailbox));
    let ask_share = |i| ask_all(party.clone(), size * i / askers + 1, size * (i + 1) / askers);
    join_all((0..askers).map(|i| task::spawn(ask_share(i))).collect()).await
}

async fn respond(mut mailbox: UnboundedReceiver<Question>) {
    while let Some(question) = mailbox.recv().await {
        let _ = question.reply.send(question.number + 1);
    }
}

async fn ask_all(party: UnboundedSender<Question>, from: u64, to: u64) -> u64 {
    let mut sum = 0;
    for number in from..=to {
        let (reply, answer) = oneshot::channel();
        let _ = party.send(Question { number, reply });
        sum += answer.await.expect("every question is answered");
    }
    sum
}
