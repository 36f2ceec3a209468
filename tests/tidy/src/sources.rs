//! What must hold for every source file.

use anyhow::Result;

use crate::{SourceFile, repository};

const LINES_MAX: usize = 500;

fn offenders(check: impl Fn(&SourceFile) -> Vec<String>) -> Result<Vec<String>> {
    Ok(repository()?.iter().flat_map(check).collect())
}

/// One complaint for each line that `wrong` accepts.
fn lines(file: &SourceFile, wrong: impl Fn(&str) -> bool) -> Vec<String> {
    file.text
        .lines()
        .enumerate()
        .filter(|(_, line)| wrong(line))
        .map(|(at, line)| format!("{}:{}: {}", file.path.display(), at + 1, line.trim()))
        .collect()
}

#[track_caller]
fn assert_none(offenders: &[String], rule: &str) {
    assert!(offenders.is_empty(), "{rule}:\n{}", offenders.join("\n"));
}

#[test]
fn a_file_can_be_read_in_one_sitting() -> Result<()> {
    let long = offenders(|file| {
        let code = ["rs", "js", "ts", "vue", "py", "css"];
        let counts = code.iter().any(|kind| file.is(kind)) && !file.is_test();
        let lines = file.lines_without_tests();
        if counts && lines > LINES_MAX {
            return vec![format!("{}: {lines} lines", file.path.display())];
        }
        Vec::new()
    })?;
    assert_none(&long, "a file has at most 500 lines without its tests");
    Ok(())
}

#[test]
fn code_is_deleted_rather_than_commented_out() -> Result<()> {
    let dead = offenders(|file| {
        if !["rs", "js", "ts"].iter().any(|kind| file.is(kind)) {
            return Vec::new();
        }
        lines(file, |line| {
            let Some(comment) = line.trim_start().strip_prefix("// ") else {
                return false;
            };
            let starts = [
                "let ", "const ", "fn ", "pub ", "use ", "if ", "return ", "await ",
            ];
            let statement = ["(", " = ", "::"].iter().any(|mark| comment.contains(mark));
            (comment.ends_with(';') && statement)
                || (comment.ends_with('{') && starts.iter().any(|word| comment.starts_with(word)))
        })
    })?;
    assert_none(&dead, "this looks like code that was commented out");
    Ok(())
}

#[test]
fn no_test_is_switched_off() -> Result<()> {
    let marks = ["#[ign".to_owned() + "ore", "test.sk".to_owned() + "ip("];
    let off = offenders(|file| {
        if !file.is("rs") && !file.is("js") {
            return Vec::new();
        }
        lines(file, |line| {
            marks
                .iter()
                .any(|mark| line.trim_start().starts_with(mark.as_str()))
        })
    })?;
    assert_none(&off, "assert what is, and say why it is wrong");
    Ok(())
}

#[test]
fn no_test_waits_for_time_to_pass() -> Result<()> {
    let calls = [
        "thread::sl".to_owned() + "eep(",
        "time.sl".to_owned() + "eep(",
    ];
    let waits = offenders(|file| {
        if !file.is("rs") && !file.is("py") {
            return Vec::new();
        }
        lines(file, |line| {
            calls.iter().any(|call| line.contains(call.as_str()))
        })
    })?;
    assert_none(&waits, "wait for what you need, not for a while");
    Ok(())
}

#[test]
fn no_file_names_a_place_of_one_machine() -> Result<()> {
    let places = [
        ["/wo", "rk/"],
        ["/ho", "me/"],
        ["/ro", "ot/"],
        ["/t", "mp/"],
    ];
    let places = places.map(|halves| halves.concat());
    let found = offenders(|file| {
        lines(file, |line| {
            places.iter().any(|place| {
                line.match_indices(place.as_str())
                    .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '.'))
            })
        })
    })?;
    assert_none(
        &found,
        "paths are relative to the repository or found at run time",
    );
    Ok(())
}
