//! Every limit in one place.
//!
//! [`Limits`] holds those that an operator may set, one option each: see [`LIMITS`]. The
//! constants are the shape of the protocol itself, and stay.

/// The deepest nesting of a client's message: as deep as `serde_json` reads.
pub const JSON_DEPTH_MAX: usize = 127;

/// The longest id that a client may give to one of its channels, in bytes. Real clients use
/// some 10 to 40; a longer one is ignored.
pub const CLIENT_ID_BYTES_MAX: usize = 256;

/// The longest name of a channel that goes upstream, in bytes.
pub const CHANNEL_NAME_BYTES_MAX: usize = 128;

/// The most channels that the bridge joins in one stream upstream: as many as real servers let a
/// client join.
pub const BRIDGE_CHANNELS_MAX: usize = 32;

/// The most channels of one connection of which the server upstream hasn't said that they are
/// joined. Real servers ignore what they don't know, and so it must not count for ever.
pub const UNANSWERED_CHANNELS_MAX: usize = 32;

/// The longest type of a channel operation, in bytes.
pub const OPERATION_KIND_BYTES_MAX: usize = 64;

/// The longest `params` of a `connect`, in bytes.
pub const PARAMS_BYTES_MAX: usize = 16 * 1024;

/// The most OR-groups of a `hashtag` channel.
pub const HASHTAG_GROUPS_MAX: usize = 64;

/// The most tags of one AND-group.
pub const HASHTAG_GROUP_TAGS_MAX: usize = 32;

/// The longest tag, in bytes: Misskey's 128 characters of at most four bytes.
pub const HASHTAG_BYTES_MAX: usize = 512;

/// The most links of a note's chain of renotes, the note itself among them: one for each bit
/// of the mask of hidden links.
pub const CHAIN_LINKS_MAX: usize = 8;

/// A limit's line of the table: enough to make an option of it and to document it.
#[derive(Debug, Clone, Copy)]
pub struct LimitSpec {
    /// The field of [`Limits`], and the key in the configuration file.
    pub name: &'static str,
    /// The option on the command line, without its dashes.
    pub option: &'static str,
    /// What it is counted in.
    pub unit: &'static str,
    /// What it is without an option.
    pub default: u64,
    /// The least that makes sense.
    pub min: u64,
    /// What it limits.
    pub about: &'static str,
    /// Reads it.
    pub get: fn(&Limits) -> u64,
    set: fn(&mut Limits, u64),
}

/// A value for a limit is out of range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` must be at least {min} {unit}, not {value}")]
pub struct LimitError {
    /// The limit.
    pub name: &'static str,
    /// The least that makes sense.
    pub min: u64,
    /// What it is counted in.
    pub unit: &'static str,
    /// What was asked for.
    pub value: u64,
}

impl LimitSpec {
    /// Sets it.
    ///
    /// # Errors
    ///
    /// When the value makes no sense.
    pub fn set(&self, limits: &mut Limits, value: u64) -> Result<(), LimitError> {
        let &Self {
            name, min, unit, ..
        } = self;
        if value < min || usize::try_from(value).is_err() {
            return Err(LimitError {
                name,
                min,
                unit,
                value,
            });
        }
        (self.set)(limits, value);
        Ok(())
    }
}

/// Makes the struct, its default and the table from one list.
macro_rules! limits {
    ($($name:ident: $type:ty, $option:literal, $unit:literal, $default:expr, at least $min:expr, $about:literal;)*) => {
        /// The limits that an operator may set.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Limits {
            $(#[doc = $about] #[doc = concat!(" In ", $unit, ".")] pub $name: $type,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        /// The table of [`Limits`]: one line each, in their order.
        pub static LIMITS: &[LimitSpec] = &[$(LimitSpec {
            name: stringify!($name),
            option: $option,
            unit: $unit,
            default: $default,
            min: $min,
            about: $about,
            get: |limits| limits.$name as u64,
            set: |limits, value| limits.$name = value as $type,
        },)*];
    };
}

limits! {
    message_bytes_max: usize, "message-bytes-max", "bytes", 64 * 1024, at least 1024,
        "The largest message of a client, all its frames together.";
    frame_bytes_max: usize, "frame-bytes-max", "bytes", 64 * 1024, at least 1024,
        "The largest single frame of a client.";
    event_bytes_max: usize, "event-bytes-max", "bytes", 4 * 1024 * 1024, at least 65_536,
        "The largest event of a backend; a larger one is dropped and counted.";
    channels_max: usize, "channels-max", "channels", 32, at least 1,
        "The channels that one connection may join; more are ignored.";
    captures_max: usize, "captures-max", "notes", 1536, at least 1,
        "The notes that one connection may capture; the least recently captured gives way.";
    pending_commands_max: usize, "pending-commands-max", "commands", 128, at least 1,
        "The commands of one connection that wait for a join; then its socket is not read.";
    mailbox_bytes_max: usize, "mailbox-bytes-max", "bytes", 1024 * 1024, at least 65_536,
        "The bytes that wait for one slow connection; beyond, it is closed.";
    mailbox_frames_max: usize, "mailbox-frames-max", "frames", 1024, at least 16,
        "The frames that wait for one slow connection; beyond, it is closed.";
    connections_max: usize, "connections-max", "connections", 100_000, at least 1,
        "The connections of the whole server.";
    connections_per_user_max: usize, "connections-per-user-max", "connections", 64, at least 1,
        "The connections of one user.";
    connections_per_address_max: usize, "connections-per-address-max", "connections", 1024, at least 1,
        "The connections of one network address, of IPv6 of one /64.";
    handshake_bytes_max: usize, "handshake-bytes-max", "bytes", 16 * 1024, at least 8192,
        "The largest head of an upgrade request.";
    handshake_timeout_ms: u64, "handshake-timeout-ms", "milliseconds", 10_000, at least 100,
        "The time that an upgrade may take.";
    ping_interval_ms: u64, "ping-interval-ms", "milliseconds", 60_000, at least 100,
        "The time between two pings of the server.";
    silence_timeout_ms: u64, "silence-timeout-ms", "milliseconds", 120_000, at least 200,
        "The silence of a client that ends its connection.";
    touch_interval_ms: u64, "touch-interval-ms", "milliseconds", 300_000, at least 1000,
        "The time between two moves of a connected user's last-active date.";
    close_timeout_ms: u64, "close-timeout-ms", "milliseconds", 5000, at least 10,
        "The time that a client has to answer a close frame.";
    drain_ms: u64, "drain-ms", "milliseconds", 10_000, at least 0,
        "The time over which a stopping server closes many connections; few take less.";
    backend_timeout_ms: u64, "backend-timeout-ms", "milliseconds", 10_000, at least 100,
        "The time that the store has to answer one question.";
    reread_interval_ms: u64, "reread-interval-ms", "milliseconds", 10_000, at least 10,
        "The time after which relations are read again whose changes have no event.";
    held_events_max: usize, "held-events-max", "events", 4096, at least 1,
        "The events that wait for one that is being completed from the store.";
    held_event_bytes_max: usize, "held-event-bytes-max", "bytes", 64 * 1024 * 1024, at least 4_194_304,
        "The bytes of the events that wait for one that is being completed from the store.";
    compression_bytes_min: usize, "compression-bytes-min", "bytes", 512, at least 64,
        "The shortest part shared by all receivers of a note that is compressed for those who ask.";
    bridges_max: usize, "bridges-max", "streams", 10_000, at least 2,
        "The streams that the bridge keeps open upstream; visitors alone may take half of them.";
    bridge_queue_bytes_max: usize, "bridge-queue-bytes-max", "bytes", 128 * 1024, at least 65_536,
        "The bytes that one stream of the bridge keeps for the server upstream; more is dropped.";
    bridge_frame_bytes_max: usize, "bridge-frame-bytes-max", "bytes", 1024 * 1024, at least 65_536,
        "The largest message of the server upstream; a larger one ends its stream, which is opened again.";
    stats_log_max: usize, "stats-log-max", "entries", 200, at least 1,
        "The entries that a statistics channel remembers.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_reads_and_sets_its_own_field() {
        for (at, spec) in LIMITS.iter().enumerate() {
            let mut limits = Limits::default();
            assert_eq!((spec.get)(&limits), spec.default, "{}", spec.name);
            spec.set(&mut limits, spec.min + 7).unwrap();
            for (other_at, other) in LIMITS.iter().enumerate() {
                let expected = if at == other_at {
                    spec.min + 7
                } else {
                    other.default
                };
                assert_eq!(
                    (other.get)(&limits),
                    expected,
                    "{} after {}",
                    other.name,
                    spec.name
                );
            }
        }
    }

    #[test]
    fn options_are_the_names_with_dashes() {
        for spec in LIMITS {
            assert_eq!(spec.option, spec.name.replace('_', "-"));
            assert!(spec.default >= spec.min, "{}", spec.name);
            let unit = if spec.name.ends_with("_ms") {
                "milliseconds"
            } else {
                spec.unit
            };
            assert_eq!(spec.unit, unit, "{}", spec.name);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let spec = LIMITS
            .iter()
            .find(|spec| spec.name == "channels_max")
            .unwrap();
        let mut limits = Limits::default();
        let error = spec.set(&mut limits, 0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`channels_max` must be at least 1 channels, not 0"
        );
        assert_eq!(limits, Limits::default());
    }

    #[test]
    fn the_contract_is_the_default() {
        let limits = Limits::default();
        assert_eq!((limits.channels_max, limits.captures_max), (32, 1536));
        assert_eq!(
            (limits.ping_interval_ms, limits.silence_timeout_ms),
            (60_000, 120_000)
        );
        assert_eq!(
            (limits.touch_interval_ms, limits.stats_log_max),
            (300_000, 200)
        );
    }
}
