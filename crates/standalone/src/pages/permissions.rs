//! Permissions in words.

/// A permission, and what an app may do with it, as the end of "it may"; `None`: nothing that
/// this server knows of.
pub(super) fn in_words(permission: &str) -> Option<(&'static str, &'static str)> {
    WORDS.iter().find(|(name, _)| *name == permission).copied()
}

const WORDS: &[(&str, &str)] = &[
    (
        "read:account",
        "see your account, your settings and all that reaches your timelines",
    ),
    ("write:account", "change your profile and your settings"),
    (
        "read:admin:stream",
        "see what is reported to administrators",
    ),
    ("read:admin:announcements", "see all announcements"),
    ("write:admin:announcements", "announce things to everyone"),
    (
        "read:admin:emoji",
        "see the custom emojis with their settings",
    ),
    ("write:admin:emoji", "add, change and delete custom emojis"),
    ("read:admin:meta", "see the settings of this server"),
    ("write:admin:meta", "change the settings of this server"),
    ("read:admin:show-user", "see what moderators see of users"),
    ("write:admin:suspend-user", "suspend users"),
    ("write:admin:unsuspend-user", "end suspensions of users"),
    ("read:admin:abuse-user-reports", "see reports of users"),
    (
        "write:admin:resolve-abuse-user-report",
        "settle reports of users",
    ),
    ("read:admin:roles", "see the roles and who has them"),
    (
        "write:admin:roles",
        "change what everyone on this server may do",
    ),
    ("read:blocks", "see whom you block"),
    ("write:blocks", "block users and end blocks"),
    ("read:channels", "see the channels that you follow"),
    ("write:channels", "make, change and follow channels"),
    ("read:chat", "read your chats"),
    ("write:chat", "chat as you"),
    ("read:drive", "see your files"),
    ("write:drive", "add, change and delete your files"),
    ("read:favorites", "see your favourite notes"),
    ("write:favorites", "change your favourite notes"),
    (
        "read:following",
        "see whom you follow, and who asks to follow you",
    ),
    (
        "write:following",
        "follow and unfollow users, and answer who asks to follow you",
    ),
    ("read:messaging", "read your chats"),
    ("write:messaging", "chat as you"),
    ("read:mutes", "see whom you mute"),
    ("write:mutes", "mute users and end mutes"),
    ("write:notes", "write and delete notes as you"),
    ("read:notifications", "see your notifications"),
    (
        "write:notifications",
        "make notifications, and mark yours as read",
    ),
    ("read:reactions", "see your reactions"),
    ("write:reactions", "react to notes as you"),
    ("write:votes", "vote in polls as you"),
    ("write:report-abuse", "report users as you"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_told_in_words() {
        assert_eq!(
            in_words("write:votes"),
            Some(("write:votes", "vote in polls as you"))
        );
        assert_eq!(in_words("write:gallery"), None);
    }

    #[test]
    fn every_permission_that_an_endpoint_asks_for_has_words() {
        for permission in crate::api::registry().permissions() {
            assert!(in_words(permission).is_some(), "{permission}");
        }
    }
}
