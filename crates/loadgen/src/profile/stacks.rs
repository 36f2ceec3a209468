//! Samples of stacks, merged into one tree.

use std::collections::BTreeMap;

/// All samples: a tree whose first level is the threads.
#[derive(Debug, Default)]
pub(super) struct Stacks {
    pub(super) root: Node,
}

/// A function, called by way of those above it.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// How many samples were taken in it and in all that it called.
    pub(super) samples: u64,
    /// In order of their names, so that two pictures can be compared.
    pub(super) callees: BTreeMap<Function, Node>,
}

/// A function as it is told apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) owner: Owner,
}

/// Whose code a function is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    /// A thread and no function.
    Thread,
    /// This project's.
    Server,
    /// Libraries', the standard one's among them.
    Library,
    /// The kernel's.
    Kernel,
}

/// Parts of the names of functions with which every thread begins: they say nothing.
const BEGINNINGS: [&str; 6] = [
    "call_once",
    "clone3",
    "__rust_begin_short_backtrace",
    "start_thread",
    "thread_start",
    "[unknown]",
];

impl Stacks {
    /// Reads what `perf script` prints of the fields `comm,ip,sym`, but for one thread.
    pub(super) fn parse(text: &str, but: &str) -> Self {
        let mut stacks = Self::default();
        for sample in text.split("\n\n") {
            let mut lines = sample.lines().filter(|line| !line.trim().is_empty());
            let Some(thread) = lines.next().map(str::trim).filter(|name| *name != but) else {
                continue;
            };
            let functions: Vec<Function> = lines.filter_map(Function::parse).collect();
            stacks.add(thread, functions);
        }
        stacks
    }

    /// How many there are.
    pub(super) fn samples(&self) -> u64 {
        self.root.samples
    }

    /// How many were taken in somebody's functions themselves.
    pub(super) fn samples_of(&self, owner: Owner) -> u64 {
        self.root.own_samples(Owner::Thread, owner)
    }

    /// Adds a sample, given from the innermost function on.
    fn add(&mut self, thread: &str, functions: Vec<Function>) {
        let thread = Function {
            name: thread.to_owned(),
            owner: Owner::Thread,
        };
        let mut node = &mut self.root;
        node.samples += 1;
        for function in functions.into_iter().chain([thread]).rev() {
            node = node.callees.entry(function).or_default();
            node.samples += 1;
        }
    }
}

impl Node {
    /// How many samples under this node, which is `own`'s, were taken in somebody's functions.
    fn own_samples(&self, own: Owner, wanted: Owner) -> u64 {
        let called: u64 = self.callees.values().map(|callee| callee.samples).sum();
        let here = if own == wanted {
            self.samples - called
        } else {
            0
        };
        let callees = self.callees.iter();
        here + callees
            .map(|(function, callee)| callee.own_samples(function.owner, wanted))
            .sum::<u64>()
    }

    /// How many levels of functions there are below it, among those with so many samples.
    pub(super) fn depth(&self, samples_min: f64) -> usize {
        let callees = self.callees.values();
        callees
            .filter(|callee| callee.samples as f64 >= samples_min)
            .map(|callee| 1 + callee.depth(samples_min))
            .max()
            .unwrap_or(0)
    }
}

impl Function {
    /// Reads a line: an address and a name.
    fn parse(line: &str) -> Option<Self> {
        let (address, name) = line.trim().split_once(' ')?;
        if BEGINNINGS.iter().any(|beginning| name.contains(beginning)) {
            return None;
        }
        // The kernel has the upper half of the addresses.
        let owner = if address.len() == 16 && address.starts_with("ffff") {
            Owner::Kernel
        } else if name.contains("seseragi_") || name.starts_with("loadgen::") {
            Owner::Server
        } else {
            Owner::Library
        };
        let name = name.replace("seseragi_", "");
        Some(Self { name, owner })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "worker-0 \n\
        \tffffffff81e2f2e2 __sys_sendto\n\
        \t           2d4156 seseragi_hub::worker::publish\n\
        \t           891f5 start_thread\n\
        \n\
        publisher \n\
        \t           1 poll\n\
        \n\
        worker-0 \n\
        \t           2d4156 seseragi_hub::worker::publish\n\
        \n\
        worker-0 \n\
        \t           9 memcpy\n\
        \t           2d4156 seseragi_hub::worker::publish\n\n";

    #[test]
    fn samples_are_merged_by_their_callers() {
        let stacks = Stacks::parse(TEXT, "publisher");
        assert_eq!(stacks.samples(), 3);
        let owners = [Owner::Thread, Owner::Server, Owner::Library, Owner::Kernel];
        assert_eq!(owners.map(|owner| stacks.samples_of(owner)), [0, 1, 1, 1]);
        assert_eq!(stacks.root.depth(1.0), 3);
        assert_eq!(stacks.root.depth(2.0), 2);
        let worker = stacks.root.callees.values().next().unwrap();
        let (publish, node) = worker.callees.iter().next().unwrap();
        assert_eq!(publish.name, "hub::worker::publish");
        assert_eq!((node.samples, node.callees.len()), (3, 2));
    }
}
