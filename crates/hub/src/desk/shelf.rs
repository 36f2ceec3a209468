//! Things that connections need, each kept once and up to date while anyone needs it.

use std::collections::BTreeMap;
use std::mem;

use super::question::{AskId, Ticket};

/// Things of one kind, by their keys.
#[derive(Debug)]
pub(super) struct Shelf<K, T, C> {
    items: BTreeMap<K, Item<T, C>>,
    /// How many of them must be loaded again before events may go.
    stale: usize,
}

/// One thing.
#[derive(Debug)]
pub(super) struct Item<T, C> {
    /// What is known of it; `None`: nothing yet.
    pub(super) value: Option<T>,
    /// Who needs it and was answered.
    pub(super) watches: u32,
    /// Who needs it and waits.
    pub(super) waiting: Vec<Ticket>,
    /// Changes since it was asked for, which the answer may lack.
    pub(super) changes: Vec<C>,
    load: Load,
    stale: bool,
}

/// Whether a thing is being loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Load {
    /// It is not.
    Idle,
    /// It is about to be asked for.
    Due,
    /// It was asked for. `again`: and must be once more after that.
    Asked { ask: AskId, again: bool },
    /// The backend could not say, and will be asked again later.
    Failed,
}

/// What became of a wish to watch something.
#[derive(Debug)]
pub(super) enum Wish<'a, T> {
    /// Here it is.
    Granted(&'a T),
    /// It is being loaded.
    Waits,
    /// It must be loaded.
    Begins,
}

/// How many changes are kept on top of a load; beyond, it is loaded anew.
const CHANGES_MAX: usize = 1024;

impl<K, T, C> Default for Shelf<K, T, C> {
    fn default() -> Self {
        Self {
            items: BTreeMap::new(),
            stale: 0,
        }
    }
}

impl<K: Ord + Clone, T, C> Shelf<K, T, C> {
    /// What is known of a thing that is watched.
    pub(super) fn value(&self, key: &K) -> Option<&T> {
        self.items.get(key)?.value.as_ref()
    }

    /// Whether anyone needs a thing.
    pub(super) fn contains(&self, key: &K) -> bool {
        self.items.contains_key(key)
    }

    /// Whether nobody needs anything.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Whether what is known of a thing may be published.
    pub(super) fn is_current(&self, key: &K) -> bool {
        self.items.get(key).is_some_and(Item::is_current)
    }

    /// One item.
    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut Item<T, C>> {
        self.items.get_mut(key)
    }

    /// All keys, in order.
    pub(super) fn keys(&self) -> impl Iterator<Item = &K> {
        self.items.keys()
    }

    /// All items, in order of their keys.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &Item<T, C>)> {
        self.items.iter()
    }

    /// Whether events may go.
    pub(super) fn is_fresh(&self) -> bool {
        self.stale == 0
    }

    /// Someone needs a thing.
    pub(super) fn watch(&mut self, key: K, ticket: Ticket) -> Wish<'_, T> {
        let item = self.items.entry(key).or_insert_with(Item::new);
        match &item.value {
            Some(value) if !item.stale => {
                item.watches += 1;
                Wish::Granted(value)
            }
            _ => {
                item.waiting.push(ticket);
                match item.load {
                    Load::Idle | Load::Failed => {
                        item.load = Load::Due;
                        Wish::Begins
                    }
                    Load::Due | Load::Asked { .. } => Wish::Waits,
                }
            }
        }
    }

    /// A thing is needed as long as the shelf lives; it is to be asked for.
    pub(super) fn watch_always(&mut self, key: K) {
        let item = self.items.entry(key).or_insert_with(Item::new);
        item.watches += 1;
        item.load = Load::Due;
    }

    /// Someone needs a thing no more. Returns it when nobody else does.
    pub(super) fn unwatch(&mut self, key: &K) -> Option<Item<T, C>> {
        let item = self.items.get_mut(key)?;
        item.watches = item.watches.saturating_sub(1);
        self.drop_unneeded(key)
    }

    /// Takes an item that nobody needs.
    pub(super) fn drop_unneeded(&mut self, key: &K) -> Option<Item<T, C>> {
        let item = self.items.get(key)?;
        if item.watches > 0 || !item.waiting.is_empty() {
            return None;
        }
        let item = self.items.remove(key)?;
        self.stale -= usize::from(item.stale);
        Some(item)
    }

    /// Makes a thing be loaded again. Returns whether it is to be asked for now.
    pub(super) fn reload(&mut self, key: &K) -> bool {
        let Some(item) = self.items.get_mut(key) else {
            return false;
        };
        match &mut item.load {
            Load::Idle | Load::Failed => {
                item.load = Load::Due;
                true
            }
            Load::Asked { again, .. } => {
                *again = true;
                false
            }
            Load::Due => false,
        }
    }

    /// Makes everything be loaded again that isn't being loaded anyway. Returns what is to be
    /// asked for.
    pub(super) fn reload_all(&mut self) -> Vec<K> {
        let idle = self.items.iter_mut();
        let idle = idle.filter(|(_, item)| item.load == Load::Idle);
        idle.map(|(key, item)| {
            item.load = Load::Due;
            key.clone()
        })
        .collect()
    }

    /// Changes may have been missed: whatever is known or under way is worth nothing. Returns
    /// what is to be asked for.
    pub(super) fn distrust(&mut self) -> Vec<K> {
        for item in self.items.values_mut() {
            item.load = Load::Due;
            item.changes.clear();
            self.stale += usize::from(!mem::replace(&mut item.stale, true));
        }
        self.items.keys().cloned().collect()
    }

    /// A thing is asked for. Returns whether that still makes sense.
    pub(super) fn ask(&mut self, key: &K, ask: AskId) -> bool {
        let Some(item) = self.items.get_mut(key) else {
            return false;
        };
        let due = item.load == Load::Due;
        if due {
            item.load = Load::Asked { ask, again: false };
            item.changes.clear();
        }
        due
    }

    /// An answer came. Returns the item if this is the answer it waits for, and whether it is to
    /// be asked for once more. What is known is fresh from here on, if the answer `is_known`.
    pub(super) fn answer(
        &mut self,
        key: &K,
        ask: AskId,
        is_known: bool,
    ) -> Option<(&mut Item<T, C>, Again)> {
        let item = self.items.get_mut(key)?;
        let Load::Asked { ask: asked, again } = item.load else {
            return None;
        };
        if asked != ask {
            return None;
        }
        let again = match (is_known, again) {
            (true, false) => Again::No,
            (true, true) => Again::Now,
            (false, _) => Again::Later,
        };
        item.load = match again {
            Again::No => Load::Idle,
            Again::Now => Load::Due,
            Again::Later => Load::Failed,
        };
        if is_known {
            self.stale -= usize::from(mem::take(&mut item.stale));
        }
        Some((item, again))
    }

    /// A failed load is due once more. Returns whether that still makes sense.
    pub(super) fn retry(&mut self, key: &K) -> bool {
        match self.items.get_mut(key) {
            Some(item) if item.load == Load::Failed => {
                item.load = Load::Due;
                true
            }
            Some(_) | None => false,
        }
    }
}

/// Whether a thing is to be asked for once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It is not.
    No,
    /// It is, at once.
    Now,
    /// It is, after a while.
    Later,
}

impl<T, C> Item<T, C> {
    fn new() -> Self {
        Self {
            value: None,
            watches: 0,
            waiting: Vec::new(),
            changes: Vec::new(),
            load: Load::Idle,
            stale: false,
        }
    }

    /// Whether what is known may be published: it is known, and no change was missed.
    pub(super) fn is_current(&self) -> bool {
        self.value.is_some() && !self.stale
    }

    /// Keeps a change for the answer that is under way.
    pub(super) fn remember(&mut self, change: C) {
        if let Load::Asked { again, .. } = &mut self.load {
            if self.changes.len() < CHANGES_MAX {
                self.changes.push(change);
            } else {
                *again = true;
            }
        }
    }

    /// Answers those who wait with something: they watch from here on.
    pub(super) fn admit(&mut self) -> Vec<Ticket> {
        let admitted = mem::take(&mut self.waiting);
        self.watches += u32::try_from(admitted.len()).expect("fewer than 2^32 wait");
        admitted
    }
}
