//! The companion beside a PostgreSQL and a Redis of its own: the suite that every backend must
//! pass, and what is particular to this one.

#![expect(clippy::unwrap_used, reason = "the whole crate is a test")]

mod rig;
mod stage;
mod store;
mod upstream;

// All cases but that of packing: the upstream is not asked yet.
mod conformance {
    backend::conformance!(@cases crate::stage::Beside::open;
        events_are_taken_once,
        tokens_tell_who_is_asking,
        viewers_come_in_batches,
        relations_show_in_records,
        a_record_is_not_older_than_the_event,
        channels_and_hosts_show_in_records,
        lists_tell_owner_and_members,
        antennas_tell_their_owner,
        notes_come_in_order,
        audiences_say_who_may_see,
        reactions_are_found,
        notifications_are_read_once,
    );
}
