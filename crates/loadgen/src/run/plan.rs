//! Which notes there are, and who should get which.

use super::scenario::{Channel, Scenario, Visibility};

/// How long after a note it gets its reaction, in seconds.
const REACTION_AFTER: f64 = 2.0;

/// The notes of a run by their numbers.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    authors: u64,
    visibilities: Vec<Visibility>,
    pub(super) total: u64,
    react_to_one_of: Option<u64>,
    /// How many notes later than a note its reaction comes.
    reaction_after: u64,
}

impl Plan {
    pub(super) fn of(scenario: &Scenario) -> Self {
        Self {
            authors: scenario.authors as u64,
            visibilities: scenario.notes.visibilities.clone(),
            total: scenario.total(),
            react_to_one_of: scenario.notes.react_to_one_of,
            reaction_after: (REACTION_AFTER * scenario.notes.per_second).ceil() as u64,
        }
    }

    /// Whose note it is.
    pub(super) fn author(&self, number: u64) -> usize {
        usize::try_from(number % self.authors).expect("it is less than a count of authors")
    }

    pub(super) fn visibility(&self, number: u64) -> Visibility {
        // Each author goes through all of them.
        let turn = number / self.authors % self.visibilities.len() as u64;
        self.visibilities[usize::try_from(turn).expect("it is less than a length")]
    }

    /// The note that gets a reaction once this one was posted, and who reacts.
    pub(super) fn reaction(&self, posted: u64) -> Option<(u64, usize)> {
        let number = posted.checked_sub(self.reaction_after)?;
        let wanted = number % self.react_to_one_of? == 0;
        let anyone = matches!(
            self.visibility(number),
            Visibility::Public | Visibility::Home
        );
        (wanted && anyone).then(|| (number, self.author(number + 1)))
    }

    /// Whether a note comes on a channel of somebody who follows these authors.
    pub(super) fn expects(&self, channel: Channel, follows: &Follows, number: u64) -> bool {
        let visibility = self.visibility(number);
        let followed = follows.has(self.author(number)) && visibility != Visibility::Specified;
        let public = visibility == Visibility::Public;
        match channel {
            Channel::Home => followed,
            Channel::Hybrid => followed || public,
            Channel::Local | Channel::Global => public,
        }
    }
}

/// The authors that a user follows: so many in a row, from one on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Follows {
    first: usize,
    count: usize,
    authors: usize,
}

impl Follows {
    /// Those of the user with this number.
    pub(super) fn of(user: usize, count: usize, authors: usize) -> Self {
        Self {
            first: user % authors,
            count,
            authors,
        }
    }

    /// Their numbers.
    pub(super) fn authors(self) -> impl Iterator<Item = usize> {
        (0..self.count).map(move |at| (self.first + at) % self.authors)
    }

    fn has(self, author: usize) -> bool {
        (author + self.authors - self.first) % self.authors < self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan {
            authors: 2,
            visibilities: vec![
                Visibility::Public,
                Visibility::Home,
                Visibility::Followers,
                Visibility::Specified,
            ],
            total: 8,
            react_to_one_of: Some(2),
            reaction_after: 3,
        }
    }

    fn expected(channel: Channel, follows: Follows) -> Vec<u64> {
        let plan = plan();
        let wanted = (0..plan.total).filter(|&number| plan.expects(channel, &follows, number));
        wanted.collect()
    }

    #[test]
    fn each_channel_expects_what_it_shows() {
        let second = Follows::of(1, 1, 2);
        let nobody = Follows::of(0, 0, 2);
        assert_eq!(second.authors().collect::<Vec<_>>(), [1]);
        assert_eq!(expected(Channel::Home, second), [1, 3, 5]);
        assert_eq!(expected(Channel::Hybrid, second), [0, 1, 3, 5]);
        assert_eq!(expected(Channel::Local, second), [0, 1]);
        assert_eq!(expected(Channel::Global, nobody), [0, 1]);
        assert_eq!(expected(Channel::Home, nobody), [0; 0]);
        assert_eq!(
            expected(Channel::Home, Follows::of(1, 2, 2)),
            [0, 1, 2, 3, 4, 5]
        );
    }

    #[test]
    fn reactions_come_later_and_to_what_anyone_may_see() {
        let plan = plan();
        let reactions = (0..plan.total).filter_map(|posted| plan.reaction(posted));
        assert_eq!(reactions.collect::<Vec<_>>(), [(0, 1), (2, 1)]);
    }
}
