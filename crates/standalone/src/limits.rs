//! The limits of the REST API and the store. Those of the stream are in `protocol::limits`.

/// The largest request body, in bytes.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// A mebibyte, which Misskey calls a megabyte.
pub const MIB: u64 = 1024 * 1024;

/// The largest file that is uploaded, in bytes.
pub const FILE_BYTES_MAX: u64 = 30 * MIB;

/// How many bytes a user's files have together, where no role says otherwise.
pub const DRIVE_BYTES_MAX: u64 = 100 * MIB;

/// The longest name of a file, in characters.
pub const FILE_NAME_CHARS_MAX: usize = 200;

/// How many bytes all files of a server have whose store is in memory.
pub const BLOBS_MEMORY_BYTES_MAX: usize = 256 * 1024 * 1024;

/// How many uploads run at the same time.
pub const UPLOADS_MAX: usize = 8;

/// How long an upload takes, with its wait for a turn, in ms.
pub const UPLOAD_MS_MAX: u64 = 10 * 60 * 1000;

/// How many fields a form has beside its file.
pub const FORM_FIELDS_MAX: usize = 32;

/// How many events wait for the streaming server before a write waits with them.
pub const EVENT_QUEUE_MAX: usize = 4096;

/// How long a read takes before it is ended, in ms.
pub const READ_MS_MAX: u64 = 10_000;

/// How many tokens a user gives to apps.
pub const APP_TOKENS_MAX: usize = 1_000;

/// How many files a user has.
pub const FILES_MAX: usize = 50_000;

/// How many folders a user has.
pub const FOLDERS_MAX: usize = 5_000;

/// How many reads run at the same time.
pub const READERS_MAX: usize = 4;

/// The longest text of a note, in characters.
pub const NOTE_TEXT_MAX: usize = 3000;

/// The longest content warning, in characters.
pub const NOTE_CW_MAX: usize = 100;

/// How many files a note has.
pub const NOTE_FILES_MAX: usize = 16;

/// How many users a note mentions.
pub const NOTE_MENTIONS_MAX: usize = 20;

/// How many hashtags of a note are found by.
pub const TAGS_MAX: usize = 32;

/// The longest hashtag that notes are found by, in characters.
pub const TAG_CHARS_MAX: usize = 128;

/// How many choices a poll has.
pub const POLL_CHOICES_MAX: usize = 10;

/// The longest choice of a poll, in characters.
pub const POLL_CHOICE_CHARS_MAX: usize = 50;

/// How many notes of a chain of renotes are packed into the one that they hang on: as many as the
/// stream follows.
pub const RENOTE_DEPTH_MAX: usize = protocol::limits::CHAIN_LINKS_MAX - 1;

/// How many `userId/reaction` pairs a note carries along.
pub const REACTION_PAIRS_MAX: usize = 16;

/// How long another process may hold the store's file before an operation fails, in ms.
pub const BUSY_TIMEOUT_MS: u64 = 5_000;

/// How many notifications of a user are kept; the oldest go first.
pub const NOTIFICATIONS_MAX: usize = 500;

/// How long after a notification its user is told again that it is unread, in ms.
pub const UNREAD_DELAY_MS: u64 = 2_000;

/// The longest text of a chat message, in characters.
pub const CHAT_TEXT_MAX: usize = 2000;

/// How many reactions a chat message has.
pub const CHAT_REACTIONS_MAX: usize = 100;

/// The longest reaction that is asked for, in characters.
pub const REACTION_CHARS_MAX: usize = 256;

/// How many chat rooms a user owns.
pub const CHAT_ROOMS_MAX: usize = 100;

/// How many users are in a chat room beside its owner, or invited to it.
pub const CHAT_ROOM_MEMBERS_MAX: usize = 50;

/// The longest name of a chat room, in characters.
pub const CHAT_ROOM_NAME_MAX: usize = 256;

/// The longest description of a chat room, in characters.
pub const CHAT_ROOM_DESCRIPTION_MAX: usize = 1024;

/// How long after a chat message those who have not read it are told, in ms.
pub const CHAT_UNREAD_DELAY_MS: u64 = 3_000;

/// How long who looks for a game of Reversi waits, in ms; clients say again that they do.
pub const REVERSI_MATCH_MS: u64 = 20_000;

/// How long two who agreed on a game of Reversi get the same one again, in ms.
pub const REVERSI_REMATCH_MS: u64 = 3 * 60 * 1000;

/// How long a game of Reversi is kept that never begins, in ms.
pub const REVERSI_OPEN_MS: u64 = 24 * 60 * 60 * 1000;

/// How many games of Reversi that have not begun are kept of one user; the oldest make room.
pub const REVERSI_OPEN_MAX: usize = 32;

/// How many of those who invite a user are shown.
pub const REVERSI_INVITATIONS_MAX: usize = 100;

/// The longest name that a client gives to a move, in characters.
pub const REVERSI_MOVE_NAME_CHARS_MAX: usize = 64;

/// The longest checksum of a board, in characters.
pub const REVERSI_CHECKSUM_CHARS_MAX: usize = 32;

/// How many messages are named to their author once they are read, where older servers did that.
pub const UNREAD_TOLD_MAX: usize = 100;

/// How many things that fall due are done in one transaction.
pub const DUE_BATCH_MAX: usize = 100;

/// How long after a failure what was due is tried again, in ms.
pub const DUE_RETRY_MS: u64 = 1_000;

/// How many buckets count the calls of users and addresses.
pub const RATE_BUCKETS: usize = 1 << 16;

/// How many lists a user has.
pub const LISTS_MAX: usize = 10;

/// How many users are on a list.
pub const LIST_MEMBERS_MAX: usize = 50;

/// How many antennas a user has.
pub const ANTENNAS_MAX: usize = 5;

/// How many notes an antenna remembers; the oldest go first.
pub const ANTENNA_NOTES_MAX: usize = 200;

/// How many lines of words an antenna has, and how many users it names.
pub const ANTENNA_LINES_MAX: usize = 100;

/// How many words are in a line of an antenna.
pub const ANTENNA_WORDS_MAX: usize = 20;

/// The longest word or user of an antenna, in characters.
pub const ANTENNA_WORD_MAX: usize = 256;

/// How long an antenna catches notes that nobody looks at, in ms.
pub const ANTENNA_IDLE_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// How many notes are pinned to a channel.
pub const CHANNEL_PINS_MAX: usize = 10;

/// The longest host of a remote user, in bytes.
pub const HOST_BYTES_MAX: usize = 255;

/// How many instances a user mutes.
pub const MUTED_INSTANCES_MAX: usize = 1_000;

/// How many characters the words have that a user mutes, in each of the two lists.
pub const MUTED_WORDS_MAX: usize = 200;

/// How many fields a profile has.
pub const PROFILE_FIELDS_MAX: usize = 16;

/// How many permissions an app asks for.
pub const PERMISSIONS_MAX: usize = 200;

/// How many users an endpoint shows that takes their ids.
pub const USERS_SHOWN_MAX: usize = 500;

/// How old the reactions are at most that make a note a featured one, in ms.
pub const FEATURED_MS: u64 = 3 * 24 * 60 * 60 * 1000;

/// How many groups a search for tags has, and how many tags each group.
pub const TAGS_SEARCHED_MAX: usize = 16;

/// The longest text that is searched for, in characters.
pub const QUERY_CHARS_MAX: usize = 256;

/// How many recipients a note names beside those in its text.
pub const RECIPIENTS_MAX: usize = 100;

/// How many words or groups of words a user mutes, in each of the two lists.
pub const MUTED_WORD_ITEMS_MAX: usize = 200;

/// The largest form that a page sends, and the largest field of an upload, in bytes.
pub const FORM_BYTES_MAX: usize = 16 * 1024;

/// How much room a role gives to a user's files at the most, in MiB.
pub const DRIVE_MIB_MAX: u64 = 1024 * 1024;

/// How many roles there are.
pub const ROLES_MAX: usize = 200;

/// How many notes the timeline of a role remembers; the oldest go first.
pub const ROLE_NOTES_MAX: usize = 1_000;

/// How long the texts of a role are together with its formula and policies, in bytes.
pub const ROLE_BYTES_MAX: usize = 64 * 1024;

/// How many lists, antennas, members and the like a role allows at the most.
pub const POLICY_COUNT_MAX: u64 = 1_000;

/// How many custom emojis there are.
pub const EMOJIS_MAX: usize = 5_000;

/// The largest picture of a custom emoji, in bytes.
pub const EMOJI_BYTES_MAX: u64 = 4 * MIB;

/// How many other names a custom emoji has.
pub const EMOJI_ALIASES_MAX: usize = 100;

/// How many announcements there are.
pub const ANNOUNCEMENTS_MAX: usize = 1_000;

/// How many reports of one user are kept; the oldest go first.
pub const REPORTS_OF_USER_MAX: usize = 100;

/// How many items a user's clients and apps keep in the registry.
pub const REGISTRY_ITEMS_MAX: usize = 2_000;

/// How many bytes those items have together.
pub const REGISTRY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The largest item of the registry, in bytes.
pub const REGISTRY_VALUE_BYTES_MAX: usize = 256 * 1024;

/// How many files of one name are found.
pub const FILES_FOUND_MAX: usize = 100;

/// How many files are fetched from other servers at the same time.
pub const FETCHES_MAX: usize = 4;

/// How many are fetched or wait for their turn.
pub const FETCHES_WAITING_MAX: usize = 64;

/// How long a fetch takes, with its wait for a turn, in ms.
pub const FETCH_MS_MAX: u64 = 2 * 60 * 1000;

/// How long a connection to another server takes, in ms.
pub const FETCH_CONNECT_MS_MAX: u64 = 10 * 1000;

/// The largest head of another server's answer, in bytes.
pub const FETCH_HEAD_BYTES_MAX: usize = 64 * 1024;

/// How many redirects a fetch follows.
pub const REDIRECTS_MAX: usize = 5;

/// The longest address that a file is fetched from, in characters.
pub const FETCH_URL_CHARS_MAX: usize = 4096;
