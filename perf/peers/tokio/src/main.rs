//! Tokio's renderings of the load harness' workloads, driven by lines on stdin. The protocol is in ../README.md.

mod latch;
mod measure;
mod messages;
mod parked;
mod tasks;
mod timers;
mod wakes;

use std::io::{self, BufRead, Write};
use std::thread;

use measure::Report;
use tokio::runtime::{Builder, Runtime};

type Run = fn(&Runtime, u64) -> Report;

const WORKLOADS: &[(&str, Run)] = &[
    ("spawn", tasks::spawn),
    ("parked", parked::on_mailboxes),
    ("parked-event", parked::on_events),
    ("pingpong", messages::pingpong),
    ("pingpong-16x100", messages::pingpong_16x100),
    ("tell", messages::tell),
    ("tell-inside", messages::tell_inside),
    ("fanin", messages::fanin),
    ("ring", messages::ring),
    ("yield", tasks::yields),
    ("skynet", tasks::skynet),
    ("ask", messages::ask),
    ("ask-64", messages::ask_64),
    ("chain", tasks::chain),
    ("timers", timers::timers),
    ("overshoot", timers::overshoot),
    ("unbalanced", tasks::unbalanced),
    ("wake-searching", wakes::searching),
    ("wake-parked", wakes::parked),
    ("wake-loaded", wakes::loaded),
];

fn main() -> io::Result<()> {
    measure::remember_baseline();
    // All that #[tokio::main] does, for what is used here: a worker for each processor, and timers.
    let runtime = Builder::new_multi_thread().enable_all().build()?;

    let mut out = io::stdout().lock();
    writeln!(out, "{}", greeting())?;
    out.flush()?;
    for line in io::stdin().lock().lines() {
        writeln!(out, "{}", answer(&runtime, &line?))?;
        out.flush()?;
    }
    Ok(())
}

fn greeting() -> String {
    let name = std::env::args().nth(1).unwrap_or_else(|| "Tokio".to_owned());
    let version = option_env!("TOKIO_VERSION").unwrap_or("unknown");
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let workloads: Vec<String> = WORKLOADS.iter().map(|(name, _)| format!("{name:?}")).collect();
    format!(r#"{{"peer":{name:?},"version":"{version}","threads":{threads},"workloads":[{}]}}"#, workloads.join(","))
}

fn answer(runtime: &Runtime, line: &str) -> String {
    match parse(line) {
        Ok((run, size)) => run(runtime, size).to_json(),
        Err(why) => format!(r#"{{"error":{why:?}}}"#),
    }
}

fn parse(line: &str) -> Result<(Run, u64), &'static str> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (workload, size) = match words[..] {
        ["run", workload, size] => (workload, size),
        _ => return Err("expected: run <workload> <size>"),
    };
    let (_, run) = WORKLOADS.iter().find(|(name, _)| *name == workload).ok_or("no such workload")?;
    match size.parse() {
        Ok(size) if size > 0 => Ok((*run, size)),
        _ => Err("the size is a number above 0"),
    }
}
